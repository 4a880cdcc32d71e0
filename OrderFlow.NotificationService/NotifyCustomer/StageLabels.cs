using System.Collections.Frozen;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>The values of the label <c>stage</c>: the system's own events and stages, so that no sender can multiply them.</summary>
internal static class StageLabels
{
    /// <summary>
    /// The events that bring an order from the Gateway to its customer when all goes well, and what each spends its time on.
    /// </summary>
    private static readonly string[] OrdinaryHops = [EventTypes.OrderCreated, EventTypes.PaymentRequested, EventTypes.PaymentProcessed];
    private static readonly string[] OrdinaryStages =
        [StageNames.Broker, StageNames.Buffer, StageNames.Handling, StageNames.Transaction, StageNames.Outbox];
    private static readonly string[] OrdinaryLastStages =
        [StageNames.Broker, StageNames.Buffer, StageNames.Transaction, StageNames.Handling];

    private static readonly FrozenDictionary<(string? Hop, string Stage), string> Known = EventCatalog.WireTypes.Keys.Prepend(null)
        .SelectMany(_ => StageNames.All, (hop, stage) => new LedgerEntry(hop, stage, 0))
        .ToFrozenDictionary(entry => (entry.Hop, entry.Stage), entry => entry.Name);

    /// <summary>The stages of an order that nothing happened to.</summary>
    public static IEnumerable<string> Ordinary =>
    [
        StageNames.Accept,
        .. OrdinaryHops.SelectMany(_ => OrdinaryStages, (hop, stage) => $"{hop}/{stage}"),
        .. OrdinaryLastStages.Select(stage => $"{EventTypes.OrderProcessed}/{stage}"),
        StageNames.Unaccounted,
    ];

    /// <summary>
    /// The ledger by label, in microseconds: what an order spent on a stage in several attempts is one sum, and there always is the
    /// unaccounted rest.
    /// </summary>
    public static Dictionary<string, long> Sum(FlowLedger ledger)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal) { [StageNames.Unaccounted] = 0 };
        foreach (var entry in ledger.Entries)
        {
            var label = Known.GetValueOrDefault((entry.Hop, entry.Stage), StageNames.Other);
            sums[label] = sums.GetValueOrDefault(label) + entry.Micros;
        }

        return sums;
    }
}
