using System.Text.Json;

namespace OrderFlow.Monitor.Orders;

/// <summary>A stored event without its body.</summary>
public sealed record EventView(
    Guid EventId,
    string Type,
    int Version,
    string? Source,
    string CorrelationId,
    Guid? CausationId,
    string? OrderId,
    string? UserId,
    string? TenantId,
    string Flow,
    DateTimeOffset Origin,
    DateTimeOffset PublishedAt,
    DateTimeOffset StoredAt,
    int Attempt,
    bool Replayed,
    string? TraceParent);

/// <summary>A stored event with all that is known of it.</summary>
/// <param name="Event">The event.</param>
/// <param name="Headers">Headers beyond those that the event's own fields say.</param>
/// <param name="Body">The body as JSON; absent when it cannot be decoded.</param>
/// <param name="BodyProblem">Why not.</param>
/// <param name="BodyBase64">The body as it is, when it cannot be decoded; absent when fields are masked, because in it they cannot
/// be.</param>
/// <param name="HandledBy">The services that published an event because of it.</param>
/// <param name="Handling">Its retries and dead letters, and what was decided about them.</param>
public sealed record EventDetail(
    EventView Event, JsonElement? Headers, JsonElement? Body, string? BodyProblem, byte[]? BodyBase64, IReadOnlyList<Handled> HandledBy,
    IReadOnlyList<HandlingStep> Handling);

/// <summary>A service handled the event: it published <paramref name="EventId"/> because of it.</summary>
public sealed record Handled(string? Service, DateTimeOffset At, double AfterMs, Guid EventId, string Type)
{
    internal static Handled By(EventView effect, EventView cause) =>
        new(effect.Source, effect.PublishedAt, (effect.PublishedAt - cause.PublishedAt).TotalMilliseconds, effect.EventId, effect.Type);
}

/// <summary>A page of all events, in the order in which they were made, to a few seconds.</summary>
/// <param name="Events">The events.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; absent on the last, which has no events.</param>
public sealed record EventPage(IReadOnlyList<EventView> Events, long? Next);

/// <summary>Events, the oldest first.</summary>
/// <param name="Events">The events.</param>
/// <param name="Truncated">Whether there are more than an answer holds.</param>
public sealed record EventList(IReadOnlyList<EventView> Events, bool Truncated);
