using System.Collections.Frozen;

namespace OrderFlow.Contracts;

/// <summary>The flows of the system, as the <c>flow</c> header and the metrics' labels name them.</summary>
public static class FlowNames
{
    /// <summary>From the customer's order to the customer's notification.</summary>
    public const string OrderCreation = "OrderCreationFlow";

    /// <summary>What a label says of a flow that this system does not have.</summary>
    public const string Unknown = "unknown";

    private static readonly FrozenSet<string> Known = FrozenSet.Create(StringComparer.Ordinal, OrderCreation);

    /// <summary>
    /// The flow's name when it is one of this system's, else <see cref="Unknown"/>: a label that no sender can multiply.
    /// </summary>
    public static string Label(string flow) => Known.Contains(flow) ? flow : Unknown;
}
