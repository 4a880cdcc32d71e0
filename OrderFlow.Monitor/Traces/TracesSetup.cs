using System.Globalization;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Orders;

namespace OrderFlow.Monitor.Traces;

/// <summary>
/// <c>/api/traces</c> and <c>/api/traces/{traceId}</c>; <c>/api/orders/{id}/trace</c>; <c>/api/operations?minutes=</c>;
/// <c>/api/slow-traces?minutes=&amp;service=&amp;operation=&amp;slowerThanMs=</c>: in what the slow traces differ from the normal ones.
/// </summary>
internal static class TracesSetup
{
    /// <summary>A day: more would read too much at once.</summary>
    public const int MostMinutes = 1440;

    private const int DefaultMinutes = 15;

    public static void AddTraces(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TraceSearch>();
        builder.Services.AddSingleton<TraceReader>();
        builder.Services.AddSingleton<OperationReader>();
        builder.Services.AddSingleton<TracePaths>();
        builder.Services.AddSingleton<SlowTraces>();
    }

    public static void MapTraces(this WebApplication app)
    {
        app.MapGet("/api/traces", SearchAsync);
        app.MapGet("/api/traces/{traceId}", ReadTraceAsync);
        app.MapGet("/api/orders/{id}/trace", ReadOfOrderAsync);
        app.MapGet("/api/operations", ReadOperationsAsync);
        app.MapGet("/api/slow-traces", CompareAsync);
    }

    private static async Task<IResult> SearchAsync(HttpRequest request, TraceSearch traces, CancellationToken cancellationToken)
    {
        var (query, errors) = TraceQuery.Read(request.Query);
        return query is null ? ApiProblem.InvalidQuery(errors) : TypedResults.Ok(await traces.FindAsync(query, cancellationToken));
    }

    private static async Task<IResult> ReadTraceAsync(string traceId, TraceReader traces, CancellationToken cancellationToken) =>
        TraceId.Parse(traceId) is { } id && await traces.FindAsync(id, cancellationToken) is { } trace
            ? TypedResults.Ok(trace)
            : ApiProblem.NotStored($"Trace {traceId}");

    private static async Task<IResult> ReadOfOrderAsync(
        string id, FlowReader flows, TraceReader traces, CancellationToken cancellationToken) =>
        await flows.OfOrderAsync(id, cancellationToken) is []
            ? ApiProblem.NotStored($"Order {id}")
            : TypedResults.Ok(await traces.OfOrderAsync(id, cancellationToken));

    private static async Task<IResult> ReadOperationsAsync(
        string? minutes, OperationReader operations, CancellationToken cancellationToken)
    {
        var asked = DefaultMinutes;
        return minutes is not null
            && (!int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out asked) || asked is < 1 or > MostMinutes)
            ? ApiProblem.InvalidQuery("minutes", $"must be a number from 1 to {MostMinutes}")
            : TypedResults.Ok(await operations.ReadAsync(asked, cancellationToken));
    }

    private static async Task<IResult> CompareAsync(HttpRequest request, SlowTraces traces, CancellationToken cancellationToken)
    {
        var (query, errors) = SlowTracesQuery.Read(request.Query);
        return query is null ? ApiProblem.InvalidQuery(errors) : TypedResults.Ok(await traces.CompareAsync(query, cancellationToken));
    }
}
