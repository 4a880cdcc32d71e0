using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Faults.Outage;

namespace OrderFlow.Cli.Chaos;

/// <summary>Settings of one chaos run.</summary>
internal sealed record ChaosOptions
{
    /// <summary>Orders per second.</summary>
    public required double Rate { get; init; }

    /// <summary>How long orders are offered, at most.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Number of faults of services, broker and database.</summary>
    public int Faults { get; init; }

    /// <summary>Kinds of faults that are drawn. Default: all.</summary>
    public IReadOnlyCollection<FaultKind> Kinds { get; init; } = FaultKinds.All;

    /// <summary>Processes of each service.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary>Seed of the orders' contents, the faults and the message faults.</summary>
    public required int Seed { get; init; }

    /// <summary>Longest wait for the system to settle after the load. Default 5 min.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of the orders that ask for a product that does not exist.</summary>
    public double UnknownProducts { get; init; } = 0.05;

    /// <summary>Share of the payments that the provider declines.</summary>
    public double DeclinedPayments { get; init; } = 0.1;

    /// <summary>Share of the events that are delivered again.</summary>
    public double Duplicates { get; init; } = 0.1;

    /// <summary>Whether handfuls of messages change their order.</summary>
    public bool Shuffles { get; init; } = true;

    /// <summary>Unreadable messages that each service's queue gets.</summary>
    public int GarbagePerQueue { get; init; }

    /// <summary>When the unreadable messages begin: latencies before and from then on are reported separately.</summary>
    public TimeSpan GarbageFrom { get; init; }

    /// <summary>When the Monitor is killed and comes back; <see langword="null"/> to leave it alone. The load ends with it.</summary>
    public OutagePlan? Outage { get; init; }

    public MessageFaultOptions MessageFaults => new()
    {
        Duration = Duration,
        Duplicates = Duplicates,
        Shuffles = Shuffles,
        GarbagePerQueue = GarbagePerQueue,
        GarbageFrom = GarbageFrom,
        Seed = Seed,
    };
}
