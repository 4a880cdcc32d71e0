using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Ingestion;

namespace OrderFlow.Monitor.Orders;

/// <summary>Reads stored events.</summary>
internal sealed class EventReader(ChunkReader chunks)
{
    /// <summary>Events in one answer.</summary>
    public const int Most = 1000;

    /// <summary>Causes that a chain goes back.</summary>
    private const int LongestChain = 100;

    /// <summary>Chunks in a page of all events: at most about a thousand events, at least one.</summary>
    private const int ChunksOfPage = 8;

    public async Task<(EventView Event, string? Headers, byte[] Body)?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await chunks.FindAsync(id, cancellationToken) is { } found ? Whole(found) : null;

    public async Task<EventList> OfCorrelationAsync(string correlationId, CancellationToken cancellationToken) =>
        List(await OfFlowsAsync(FlowColumn.Correlation, correlationId, cancellationToken));

    public async Task<EventList> OfOrderAsync(string orderId, CancellationToken cancellationToken) =>
        List(await OfFlowsAsync(FlowColumn.Order, orderId, cancellationToken));

    /// <summary>The events of an order with headers and bodies: the first <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<(EventView Event, string? Headers, byte[] Body)>> WholeOfOrderAsync(
        string orderId, int limit, CancellationToken cancellationToken) =>
        [.. (await OfFlowsAsync(FlowColumn.Order, orderId, cancellationToken)).Take(limit).Select(Whole)];

    /// <summary>What an event caused: events with its correlation id, as whatever is published by a handler has it.</summary>
    public async Task<EventList> CausedByAsync(Guid id, CancellationToken cancellationToken) =>
        await chunks.FindAsync(id, cancellationToken) is var (cause, _)
            ? List((await OfFlowsAsync(FlowColumn.Correlation, cause.CorrelationId, cancellationToken))
                .Where(one => one.Event.CausationId == id))
            : new EventList([], Truncated: false);

    /// <returns>The chain that ends with the event; <see langword="null"/> when that is not stored.</returns>
    public async Task<CausationChain?> ChainAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await chunks.FindAsync(id, cancellationToken) is not { } last)
        {
            return null;
        }

        var ofFlow = (await OfFlowsAsync(FlowColumn.Correlation, last.Event.CorrelationId, cancellationToken))
            .DistinctBy(one => one.Event.EventId).ToDictionary(one => one.Event.EventId);
        var chain = new List<EventView> { View(last) };
        while (chain[^1].CausationId is { } cause && chain.Count < LongestChain)
        {
            // A cause with another correlation id is looked for by itself.
            if (ofFlow.TryGetValue(cause, out var known))
            {
                chain.Add(View(known));
            }
            else if (await chunks.FindAsync(cause, cancellationToken) is { } found)
            {
                chain.Add(View(found));
            }
            else
            {
                break;
            }
        }

        chain.Reverse();
        return new CausationChain(id, chain[0].CausationId is null, chain[0].CausationId, TraceStep.Of(chain));
    }

    /// <summary>A page of all events that are stored.</summary>
    /// <param name="after">What a page before said as next; 0 to begin.</param>
    /// <param name="cancellationToken">Nobody waits for it any more.</param>
    public async Task<EventPage> PageAsync(long after, CancellationToken cancellationToken)
    {
        var (events, last) = await chunks.AfterAsync(after, ChunksOfPage, cancellationToken);
        return new EventPage([.. events.Select(View)], last);
    }

    private Task<List<(StoredEvent Event, DateTimeOffset StoredAt)>> OfFlowsAsync(
        FlowColumn column, string value, CancellationToken cancellationToken) => chunks.OfFlowsAsync(
            column, [value], one => (column == FlowColumn.Order ? one.AggregateId : one.CorrelationId) == value, cancellationToken);

    private static EventList List(IEnumerable<(StoredEvent Event, DateTimeOffset StoredAt)> found)
    {
        var events = found.Take(Most + 1).Select(View).ToList();
        var truncated = events.Count > Most;
        return new EventList(truncated ? events[..Most] : events, truncated);
    }

    private static (EventView Event, string? Headers, byte[] Body) Whole((StoredEvent Event, DateTimeOffset StoredAt) found) =>
        (View(found), found.Event.Headers, found.Event.Body.ToArray());

    private static EventView View((StoredEvent Event, DateTimeOffset StoredAt) found)
    {
        var one = found.Event;
        return new EventView(
            one.EventId, one.WireType, one.Version, one.Source, one.CorrelationId, one.CausationId, one.AggregateId, one.UserId,
            one.TenantId, one.Flow, UnixMicroseconds.ToTime(one.OriginMicros), UnixMicroseconds.ToTime(one.PublishedMicros),
            found.StoredAt, one.Attempt,
            one.Replayed, one.TraceParent);
    }
}
