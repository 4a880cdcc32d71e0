using System.Collections.Frozen;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>The durable counters of a service, by name, with the one that is counted for every event.</summary>
internal sealed class DurableCounters
{
    private readonly FrozenDictionary<string, DurableCounter> _byName;

    /// <exception cref="InvalidOperationException">Two have the same name.</exception>
    public DurableCounters(IEnumerable<DurableCounter> counters, MessagingWiring? wiring = null)
    {
        // Known from the wiring where there is a bus; a test may have the database alone.
        Effects = new DurableCounter(
            MessagingTelemetry.Name,
            "events.effects",
            "{event}",
            "Events whose effect is committed, each once, by event_type and handler; the whole service's number, told by one replica.",
            [MessagingTelemetry.EventType, MessagingTelemetry.Handler],
            [
                .. (wiring?.Routes ?? []).Where(route => route.IsTransactional)
                    .Select(route => (string[])[route.WireType, route.HandlerName]),
            ]);
        All = [Effects, .. counters];
        if (All.GroupBy(counter => counter.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException(
                $"Two durable counters have the name '{twice.Key}', under which the database keeps them. Give each a name of its own.");
        }

        _byName = All.ToFrozenDictionary(counter => counter.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<DurableCounter> All { get; }

    /// <summary>Counted by the bus for every event.</summary>
    public DurableCounter Effects { get; }

    public DurableCounter? Find(string name) => _byName.GetValueOrDefault(name);
}
