using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Cli.Verification;

/// <summary>What the system says of itself after the run: its databases, its queues, and what its customers heard.</summary>
internal sealed record ObservedState
{
    public IReadOnlyList<OrderRow> Orders { get; init; } = [];

    public IReadOnlyList<PaymentRow> Payments { get; init; } = [];

    public IReadOnlyList<NotificationRow> Notifications { get; init; } = [];

    public IReadOnlyCollection<WebhookCall> Calls { get; init; } = [];

    /// <summary>Stock by product, before the first order and after the last.</summary>
    public IReadOnlyDictionary<string, long> StockBefore { get; init; } = new Dictionary<string, long>();

    public IReadOnlyDictionary<string, long> StockAfter { get; init; } = new Dictionary<string, long>();

    /// <summary>Messages left in service and retry queues, and events left in outboxes, by where they are.</summary>
    public IReadOnlyDictionary<string, long> Left { get; init; } = new Dictionary<string, long>();

    public IReadOnlyCollection<DeadLetter> DeadLetters { get; init; } = [];

    public IReadOnlyCollection<InjectedGarbage> Garbage { get; init; } = [];

    /// <summary>Ends of processes that no fault explains.</summary>
    public IReadOnlyList<string> UnexplainedEnds { get; init; } = [];
}

/// <summary>A row of the orders, with how often it ended by its history.</summary>
internal sealed record OrderRow(Guid Id, string CorrelationId, string Status, string? Reason, int Ends, IReadOnlyDictionary<string, int> Pieces)
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

/// <summary>A row of the payments.</summary>
internal sealed record PaymentRow(Guid Id, Guid OrderId, bool IsApproved, bool IsRefunded = false);

/// <summary>A row of the notifications.</summary>
internal sealed record NotificationRow(Guid EventId, string OrderId, string Kind, bool IsTold, int Attempts);

/// <summary>A message in a dead-letter queue.</summary>
/// <param name="Queue">The dead-letter queue.</param>
/// <param name="Mark">Of garbage; <see langword="null"/> for everything else.</param>
/// <param name="Reason">Why it is there; empty when it does not say.</param>
/// <param name="Type">What kind of event it says it is.</param>
/// <param name="OrderId">The order that it is about, when it says so.</param>
internal sealed record DeadLetter(string Queue, string? Mark, string Reason, string? Type, string? OrderId)
{
    /// <summary>Who was to handle it; <see langword="null"/> when its type does not tell, or the broker brought it there itself.</summary>
    public string? Handler { get; init; }

    /// <summary>The service that its queue is named after.</summary>
    public string Service => Queue[..Queue.LastIndexOf('.')];

    public string? Flow { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>Whether it went with the broker's data, after it was read.</summary>
    public bool IsWiped { get; init; }

    /// <summary>
    /// Whether a service gave it up, and its flow with it: not without the headers that say of which flow it is, not what the broker moved past the service,
    /// and not what comes after the flow's end.
    /// </summary>
    public bool IsGivenUp => Type is not ("payment.refund-requested" or "payment.refunded") && Handler is not null && Reason is not (DeadLetterReasons.UnknownType or DeadLetterReasons.MissingHeader or DeadLetterReasons.InvalidHeader);
}
