using System.Collections.Frozen;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Heartbeats;

/// <summary>Counts events that begin to be handled, and how long they have waited for it.</summary>
internal sealed class HandlingPace(MessagingWiring wiring)
{
    private readonly FrozenDictionary<string, Counter> _counters =
        wiring.Handled.Keys.ToFrozenDictionary(type => type, _ => new Counter(), StringComparer.Ordinal);

    /// <summary>An event begins to be handled.</summary>
    /// <param name="wireType">Its type.</param>
    /// <param name="waitMicros">From its publication until now; negative by the clocks of two machines.</param>
    public void Begins(string wireType, long waitMicros)
    {
        if (_counters.TryGetValue(wireType, out var counter))
        {
            Interlocked.Increment(ref counter.Events);
            Interlocked.Add(ref counter.Micros, Math.Max(0, waitMicros));
        }
    }

    /// <summary>What has begun since the last time.</summary>
    public IReadOnlyList<HandledEvents> Take()
    {
        var taken = new List<HandledEvents>(_counters.Count);
        foreach (var (type, counter) in _counters)
        {
            var (events, micros) = (Interlocked.Exchange(ref counter.Events, 0), Interlocked.Exchange(ref counter.Micros, 0));
            if (events > 0)
            {
                taken.Add(new HandledEvents(type, events, micros / 1000.0 / events));
            }
        }

        return taken;
    }

    private sealed class Counter
    {
        public long Events;
        public long Micros;
    }
}
