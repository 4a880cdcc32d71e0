using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Cli.Observation;

/// <summary>The state of the system after the run: its databases, its queues, and the notifications that arrived.</summary>
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
    public IReadOnlyDictionary<string, long> Remaining { get; init; } = new Dictionary<string, long>();

    public IReadOnlyCollection<DeadLetter> DeadLetters { get; init; } = [];

    public IReadOnlyCollection<InjectedGarbage> Garbage { get; init; } = [];

    /// <summary>Ends of processes that no fault explains.</summary>
    public IReadOnlyList<string> UnexplainedEnds { get; init; } = [];
}
