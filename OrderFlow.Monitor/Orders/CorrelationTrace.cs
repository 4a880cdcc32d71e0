namespace OrderFlow.Monitor.Orders;

/// <summary>Every event with one correlation id, in the order of publishing.</summary>
/// <param name="CorrelationId">The id.</param>
/// <param name="TotalMs">From the first origin to the last event, in milliseconds.</param>
/// <param name="Flows">The state of each order with that correlation id; mostly there is one.</param>
/// <param name="Events">The events.</param>
/// <param name="Truncated">Whether there are more than an answer holds.</param>
internal sealed record CorrelationTrace(
    string CorrelationId, double TotalMs, IReadOnlyList<OrderSummary> Flows, IReadOnlyList<TraceStep> Events, bool Truncated)
{
    public static CorrelationTrace Of(string correlationId, IReadOnlyList<OrderSummary> flows, EventList list) => new(
        correlationId,
        (list.Events[^1].PublishedAt - list.Events.Min(@event => @event.Origin)).TotalMilliseconds,
        flows,
        TraceStep.Of(list.Events),
        list.Truncated);
}

/// <summary>An event and the time around it.</summary>
/// <param name="Event">The event.</param>
/// <param name="SinceOriginMs">From its flow's origin to its publishing, in milliseconds.</param>
/// <param name="GapMs">From the publishing before to this one; for the first, from the origin. Negative when the services' clocks
/// disagree.</param>
public sealed record TraceStep(EventView Event, double SinceOriginMs, double GapMs)
{
    public static IReadOnlyList<TraceStep> Of(IReadOnlyList<EventView> events) =>
        [.. events.Select((@event, index) => new TraceStep(
            @event,
            (@event.PublishedAt - @event.Origin).TotalMilliseconds,
            (@event.PublishedAt - (index == 0 ? @event.Origin : events[index - 1].PublishedAt)).TotalMilliseconds))];
}

/// <summary>What led to an event: from the first of the flow, each caused by the one before it.</summary>
/// <param name="EventId">The event that was asked for, the last of the chain.</param>
/// <param name="Complete">Whether the chain reaches an event that nothing caused; if not, <paramref name="MissingEventId"/> is not
/// stored.</param>
/// <param name="MissingEventId">The cause that is not stored.</param>
/// <param name="Events">The chain.</param>
internal sealed record CausationChain(Guid EventId, bool Complete, Guid? MissingEventId, IReadOnlyList<TraceStep> Events);
