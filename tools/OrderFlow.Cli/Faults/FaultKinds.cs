namespace OrderFlow.Cli.Faults;

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

    /// <summary>
    /// What is in the broker goes with it, so the broker must be empty and nothing else may go wrong until it has happened.
    /// </summary>
    public static bool IsAlone(FaultKind kind) => kind is FaultKind.QueueDeletion or FaultKind.Wipe;
}
