namespace OrderFlow.NotificationService.SimulateWork;

/// <summary>A failure that was asked for, see <see cref="SimulationOptions.FailureRate"/>.</summary>
internal sealed class SimulatedFailureException(string message) : Exception(message);
