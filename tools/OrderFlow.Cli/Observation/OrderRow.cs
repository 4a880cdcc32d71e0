using OrderFlow.Contracts;

namespace OrderFlow.Cli.Observation;

/// <summary>A row of the orders, with how often it ended by its history.</summary>
internal sealed record OrderRow(
    Guid Id, string CorrelationId, string Status, string? Reason, int Ends, IReadOnlyDictionary<string, int> Pieces)
{
    public const string Completed = "completed";
    public const string Rejected = "rejected";

    /// <summary>Whether its history says that its payment is to be given back, and that it was.</summary>
    public bool IsRefundRequested { get; init; }

    /// <inheritdoc cref="IsRefundRequested"/>
    public bool IsRefunded { get; init; }

    public bool IsTimedOut => (Status, Reason) == (Rejected, RejectionReasons.PaymentTimeout);

    public bool HasEnded => Status is Completed or Rejected;
}
