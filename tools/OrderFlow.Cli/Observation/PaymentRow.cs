namespace OrderFlow.Cli.Observation;

/// <summary>A row of the payments.</summary>
internal sealed record PaymentRow(Guid Id, Guid OrderId, bool IsApproved, bool IsRefunded = false);
