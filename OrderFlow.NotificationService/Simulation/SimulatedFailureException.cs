namespace OrderFlow.NotificationService.Simulation;

/// <summary>A failure that was asked for, see <see cref="SimulatedFailureOptions.FailureRate"/>.</summary>
internal sealed class SimulatedFailureException(string message) : Exception(message);
