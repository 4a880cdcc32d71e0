namespace OrderFlow.Cli.Faults.Messages;

/// <summary>Which faults of messages a run has.</summary>
internal sealed record MessageFaultOptions
{
    /// <summary>How long orders are offered: the faults begin and end with them.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Share of the events that are delivered again, 0 to 1.</summary>
    public required double Duplicates { get; init; }

    /// <summary>Whether handfuls of messages change their order.</summary>
    public required bool Shuffles { get; init; }

    /// <summary>Unreadable messages for each service's queue.</summary>
    public required int GarbagePerQueue { get; init; }

    /// <summary>When the unreadable messages begin, from the start of the load.</summary>
    public required TimeSpan GarbageFrom { get; init; }

    /// <summary>Seed of every draw.</summary>
    public required int Seed { get; init; }
}
