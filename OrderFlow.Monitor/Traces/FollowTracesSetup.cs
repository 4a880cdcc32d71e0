using OrderFlow.Monitor.Orders;

namespace OrderFlow.Monitor.Traces;

/// <summary><c>/api/traces</c>, <c>/api/traces/{traceId}</c>, <c>/api/orders/{id}/trace</c> and <c>/api/operations?minutes=</c>.</summary>
internal static class FollowTracesSetup
{
    /// <summary>A day: more would read too much at once.</summary>
    public const int MostMinutes = 1440;

    public static void AddFollowTraces(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TraceSearch>();
        builder.Services.AddSingleton<TraceReader>();
        builder.Services.AddSingleton<OperationReader>();
    }

    public static void MapFollowTraces(this WebApplication app)
    {
        app.MapGet("/api/traces", async (HttpRequest request, TraceSearch traces, CancellationToken cancellationToken) =>
        {
            var (query, errors) = TraceQuery.Read(request.Query);
            return query is null ? Api.Refuse(errors) : TypedResults.Ok(await traces.FindAsync(query, cancellationToken));
        });
        app.MapGet("/api/traces/{traceId}", async (string traceId, TraceReader traces, CancellationToken cancellationToken) =>
            TraceId.Parse(traceId) is { } id && await traces.FindAsync(id, cancellationToken) is { } trace ? TypedResults.Ok(trace) : Api.Unknown($"Trace {traceId}"));
        app.MapGet("/api/orders/{id}/trace", ReadOfOrderAsync);
        app.MapGet("/api/operations", ReadOperationsAsync);
    }

    private static async Task<IResult> ReadOfOrderAsync(string id, FlowReader flows, TraceReader traces, CancellationToken cancellationToken) =>
        await flows.OfOrderAsync(id, cancellationToken) is [] ? Api.Unknown($"Order {id}") : TypedResults.Ok(await traces.OfOrderAsync(id, cancellationToken));

    private static async Task<IResult> ReadOperationsAsync(string? minutes, OperationReader operations, CancellationToken cancellationToken)
    {
        var asked = 15;
        return minutes is not null && (!int.TryParse(minutes, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out asked) || asked is < 1 or > MostMinutes)
            ? Api.Refuse(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["minutes"] = [$"must be a number from 1 to {MostMinutes}"] })
            : TypedResults.Ok(await operations.ReadAsync(asked, cancellationToken));
    }
}
