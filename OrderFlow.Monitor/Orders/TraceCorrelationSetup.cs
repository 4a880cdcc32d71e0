using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.Orders;

/// <summary>
/// <c>/api/events/…</c> and <c>/api/flows/{correlationId}</c>: an event, what led to it, what came of it, and the whole flow. A client chooses the
/// correlation id, so it may hold what a path cannot: <c>/api/flows?correlationId=…</c> takes any.
/// </summary>
internal static class TraceCorrelationSetup
{
    public static void MapTraceCorrelation(this WebApplication app)
    {
        app.MapGet("/api/events/{id:guid}", ReadEventAsync);
        app.MapGet("/api/events/{id:guid}/chain", ReadChainAsync);
        app.MapGet("/api/events/{id:guid}/children", ReadChildrenAsync);
        app.MapGet("/api/flows/{correlationId}", ReadTraceAsync);
        app.MapGet("/api/flows", (string? correlationId, EventReader events, FlowReader flows, CancellationToken cancellationToken) =>
            ReadTraceAsync(correlationId ?? "", events, flows, cancellationToken));
    }

    private static async Task<IResult> ReadEventAsync(Guid id, EventReader events, HandlingReader handling, MaskedFields masked, CancellationToken cancellationToken)
    {
        if (await events.FindAsync(id, cancellationToken) is not { } found)
        {
            return Api.Unknown($"Event {id}");
        }

        var caused = await events.CausedByAsync(id, cancellationToken);
        var (json, problem) = EventBodyJson.Decode(found.Event.Type, found.Event.Version, found.Body);
        return TypedResults.Ok(new EventDetail(
            found.Event,
            masked.Hide(found.Headers is { } headers ? EventBodyJson.Parse(headers) : null),
            masked.Hide(json),
            problem,
            problem is null || masked.Any ? null : found.Body,
            [.. caused.Events.Select(child => new Handled(child.Source, child.PublishedAt, (child.PublishedAt - found.Event.PublishedAt).TotalMilliseconds, child.EventId, child.Type))],
            await handling.OfEventAsync(id, cancellationToken)));
    }

    private static async Task<IResult> ReadChainAsync(Guid id, EventReader events, CancellationToken cancellationToken) =>
        await events.ChainAsync(id, cancellationToken) is { } chain ? TypedResults.Ok(chain) : Api.Unknown($"Event {id}");

    private static async Task<IResult> ReadChildrenAsync(Guid id, EventReader events, CancellationToken cancellationToken) =>
        TypedResults.Ok(await events.CausedByAsync(id, cancellationToken));

    private static async Task<IResult> ReadTraceAsync(string correlationId, EventReader events, FlowReader flows, CancellationToken cancellationToken)
    {
        var list = correlationId.Contains('\0', StringComparison.Ordinal) ? new EventList([], Truncated: false) : await events.OfCorrelationAsync(correlationId, cancellationToken);
        return list.Events.Count == 0
            ? Api.Unknown($"Flow {correlationId}")
            : TypedResults.Ok(CorrelationTrace.Of(correlationId, await flows.OfCorrelationAsync(correlationId, cancellationToken), list));
    }
}
