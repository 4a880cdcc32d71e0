namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>What an event's time is spent on.</summary>
public enum Stage
{
    Accept,
    Broker,
    Buffer,
    Handling,
    Transaction,
    Scheduled,
    Outbox,
    Retry,
    DeadLetter,
    Unaccounted,
}

/// <summary>The stages as the header <c>stages</c> and the metrics' labels name them: a closed set.</summary>
public static class StageNames
{
    /// <summary>From the flow's origin to the publishing of its first event.</summary>
    public const string Accept = "accept";

    /// <summary>From publishing to the arrival at the consumer: the broker's disk and its queue, and the network twice.</summary>
    public const string Broker = "broker";

    /// <summary>From the arrival at the consumer to the begin of the handling: the wait among what was fetched ahead.</summary>
    public const string Buffer = "buffer";

    /// <summary>The handler's own work: preparation and handling, failed attempts included, up to the event that it causes.</summary>
    public const string Handling = "handling";

    /// <summary>What sharing a transaction costs: the wait for a lane, the other events of the batch, the commit.</summary>
    public const string Transaction = "transaction";

    /// <summary>The wait on purpose of an event that was scheduled: until it was due.</summary>
    public const string Scheduled = "scheduled";

    /// <summary>From the commit, or of a scheduled event from when it was due, to the publishing of what was committed.</summary>
    public const string Outbox = "outbox";

    /// <summary>The wait for another attempt, in the process or in a retry queue.</summary>
    public const string Retry = "retry";

    /// <summary>The time as a dead letter, of an event that was replayed.</summary>
    public const string DeadLetter = "dead_letter";

    /// <summary>Time that nobody accounted for; negative when a clock was set back.</summary>
    public const string Unaccounted = "unaccounted";

    /// <summary>What did not fit into the header, or is named by nothing that is known here.</summary>
    public const string Other = "other";

    /// <summary>Every name of a stage.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Accept, Broker, Buffer, Handling, Transaction, Scheduled, Outbox, Retry, DeadLetter, Unaccounted, Other,
    ];

    internal static string NameOf(Stage stage) => All[(int)stage];
}
