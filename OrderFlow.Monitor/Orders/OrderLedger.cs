using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Latency;

namespace OrderFlow.Monitor.Orders;

/// <summary>Where the time of an order went, from the request to the moment the customer was notified.</summary>
/// <param name="Stages">The parts, in the order in which they were entered.</param>
/// <param name="SumMicros">Their sum.</param>
/// <param name="EndToEndMicros">What <c>notification.sent</c> says of the whole; absent when that event cannot be read.</param>
public sealed record OrderLedger(IReadOnlyList<StageTime> Stages, long SumMicros, long? EndToEndMicros)
{
    internal static OrderLedger? Of((FlowLedger Ledger, long? EndToEndMicros)? read, IReadOnlyList<EventView> events)
    {
        if (read is not ({ } ledger, var endToEnd))
        {
            return null;
        }

        var types = events.DistinctBy(one => one.EventId).ToDictionary(one => one.EventId, one => one.Type);
        var owners = StageOwners.Of(events.Where(one => one.CausationId is not { } cause || types.ContainsKey(cause))
            .Select(one => (one.CausationId is { } cause ? types[cause] : null, one.Source)));
        var stages = ledger.Entries.Select(entry => new StageTime(
            entry.Hop, entry.Stage, owners.Of(entry.Hop, entry.Stage), entry.Micros,
            ledger.TotalMicros > 0 ? (double)entry.Micros / ledger.TotalMicros : 0));
        return new OrderLedger([.. stages], ledger.TotalMicros, endToEnd);
    }
}

/// <summary>A part of an order's time.</summary>
/// <param name="Hop">The event that spent it; absent for what belongs to no event.</param>
/// <param name="Stage">On what: <c>broker</c>, <c>handling</c> and so on.</param>
/// <param name="Service">Whose time it is: a service's, or the broker's; absent when that is not known.</param>
/// <param name="Micros">In microseconds; negative when clocks disagree by more than the wait between them.</param>
/// <param name="Share">Of the whole.</param>
public sealed record StageTime(string? Hop, string Stage, string? Service, long Micros, double Share);
