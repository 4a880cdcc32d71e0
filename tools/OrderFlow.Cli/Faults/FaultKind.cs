namespace OrderFlow.Cli.Faults;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL: a process is gone between two instructions.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while: it hangs, with its connections open.</summary>
    Freeze,

    /// <summary>SIGTERM: it is asked to end, as by a deployment, and starts anew.</summary>
    Restart,

    /// <summary>SIGSTOP to the broker for so long that others give their connections up.</summary>
    LongFreeze,

    /// <summary>A policy lets the broker take out of its queue what was delivered a few times, while a consumer gives back what it takes; it is removed again.</summary>
    DeliveryLimit,

    /// <summary>Somebody deletes a service's queue.</summary>
    QueueDeletion,

    /// <summary>The broker is killed, and starts again without its data.</summary>
    Wipe,
}

/// <summary>What the kinds are called on the command line, and how they differ.</summary>
internal static class FaultKinds
{
    public static readonly IReadOnlyDictionary<string, FaultKind> ByName = new Dictionary<string, FaultKind>(StringComparer.Ordinal)
    {
        ["kill"] = FaultKind.Kill,
        ["freeze"] = FaultKind.Freeze,
        ["restart"] = FaultKind.Restart,
        ["long-freeze"] = FaultKind.LongFreeze,
        ["delivery-limit"] = FaultKind.DeliveryLimit,
        ["queue-deletion"] = FaultKind.QueueDeletion,
        ["wipe"] = FaultKind.Wipe,
    };

    public static IReadOnlyList<FaultKind> All { get; } = [.. ByName.Values];

    /// <summary>One in fifty faults or so, since it takes long.</summary>
    public static bool IsRare(FaultKind kind) => kind >= FaultKind.LongFreeze;

    /// <summary>What is in the broker goes with it, so the broker must be empty and nothing else may go wrong until it has happened.</summary>
    public static bool IsAlone(FaultKind kind) => kind is FaultKind.QueueDeletion or FaultKind.Wipe;
}
