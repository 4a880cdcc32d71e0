using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>The new events of a batch, in the chunks that they are stored in: those of one flow beside each other.</summary>
internal sealed class EventChunks
{
    private EventChunks(IReadOnlyList<(long Id, IReadOnlyList<(StoredEvent Event, EventSlot Slot)> Events)> all) => All = all;

    public IReadOnlyList<(long Id, IReadOnlyList<(StoredEvent Event, EventSlot Slot)> Events)> All { get; }

    /// <param name="events">The events, in the order in which they came.</param>
    /// <param name="batch">The number of the batch.</param>
    public static EventChunks Of(IReadOnlyList<(StoredEvent Event, EventSlot Slot)> events, long batch)
    {
        var chunks = new List<(long, IReadOnlyList<(StoredEvent, EventSlot)>)>();
        foreach (var slot in events.GroupBy(row => row.Slot.Number))
        {
            var byFlow = slot.GroupBy(row => (row.Event.CorrelationId, row.Event.AggregateId)).SelectMany(flow => flow);
            // An extreme batch makes larger chunks rather than more than their ids can tell apart.
            var most = Math.Max(EventChunk.Most, (slot.Count() + ChunkId.MostOfBatch - 1) / ChunkId.MostOfBatch);
            foreach (var (ordinal, chunk) in byFlow.Chunk(most).Index())
            {
                chunks.Add((ChunkId.Of(slot.Key, batch, ordinal), chunk));
            }
        }

        return new EventChunks(chunks);
    }

    /// <param name="firstDay">The first day that is kept.</param>
    /// <returns>
    /// What they change, in an order that is the same in every process: two that wait for each other would wait for ever.
    /// </returns>
    public IReadOnlyList<FlowChange> Flows(DateOnly firstDay)
    {
        var flows = new Dictionary<(string, string), FlowChange>();
        foreach (var (id, events) in All)
        {
            foreach (var (one, _) in events)
            {
                var key = (one.CorrelationId, one.AggregateId ?? "");
                if (!flows.TryGetValue(key, out var flow))
                {
                    flow = new FlowChange(one, firstDay);
                    flows.Add(key, flow);
                }

                flow.Add(one, id);
            }
        }

        return [.. flows.Values.OrderBy(flow => flow.CorrelationId, StringComparer.Ordinal)
            .ThenBy(flow => flow.AggregateId, StringComparer.Ordinal)];
    }
}
