namespace OrderFlow.Cli.Observation;

/// <summary>A row of the notifications.</summary>
internal sealed record NotificationRow(Guid EventId, string OrderId, string Kind, bool IsSent, int Attempts);
