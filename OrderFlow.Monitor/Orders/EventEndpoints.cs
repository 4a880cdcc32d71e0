using System.Globalization;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.Orders;

/// <summary>
/// <c>/api/events?after=</c>: all of them, page by page; <c>/api/events/{id}</c>: an event, <c>…/chain</c>: what led to it,
/// <c>…/children</c>: what it caused.
/// </summary>
internal static class EventEndpoints
{
    public static void MapEventEndpoints(this WebApplication app)
    {
        app.MapGet("/api/events", ReadPageAsync);
        app.MapGet("/api/events/{id:guid}", ReadEventAsync);
        app.MapGet("/api/events/{id:guid}/chain", ReadChainAsync);
        app.MapGet("/api/events/{id:guid}/children", ReadChildrenAsync);
    }

    private static async Task<IResult> ReadPageAsync(string? after, EventReader events, CancellationToken cancellationToken)
    {
        var last = 0L;
        return after is null || (long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out last) && last >= 0)
            ? TypedResults.Ok(await events.PageAsync(last, cancellationToken))
            : ApiProblem.InvalidQuery("after", "must be what a page before said as next");
    }

    private static async Task<IResult> ReadEventAsync(
        Guid id, EventReader events, HandlingReader handling, MaskedFields masked, CancellationToken cancellationToken)
    {
        if (await events.FindAsync(id, cancellationToken) is not { } found)
        {
            return ApiProblem.NotStored($"Event {id}");
        }

        var caused = await events.CausedByAsync(id, cancellationToken);
        var (json, problem) = EventBodyJson.Decode(found.Event.Type, found.Event.Version, found.Body);
        return TypedResults.Ok(new EventDetail(
            found.Event,
            masked.Hide(found.Headers is { } headers ? EventBodyJson.Parse(headers) : null),
            masked.Hide(json),
            problem,
            problem is null || masked.Any ? null : found.Body,
            [.. caused.Events.Select(child => Handled.By(child, found.Event))],
            await handling.OfEventAsync(id, cancellationToken)));
    }

    private static async Task<IResult> ReadChainAsync(Guid id, EventReader events, CancellationToken cancellationToken) =>
        await events.ChainAsync(id, cancellationToken) is { } chain ? TypedResults.Ok(chain) : ApiProblem.NotStored($"Event {id}");

    private static async Task<IResult> ReadChildrenAsync(Guid id, EventReader events, CancellationToken cancellationToken) =>
        TypedResults.Ok(await events.CausedByAsync(id, cancellationToken));
}
