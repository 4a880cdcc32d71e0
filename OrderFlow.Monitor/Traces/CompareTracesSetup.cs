namespace OrderFlow.Monitor.Traces;

/// <summary><c>GET /api/slow-traces?minutes=&amp;service=&amp;operation=&amp;slowerThanMs=</c>: in what the slow traces differ from the normal ones.</summary>
internal static class CompareTracesSetup
{
    public static void AddCompareTraces(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TracePaths>();
        builder.Services.AddSingleton<SlowTraces>();
    }

    public static void MapCompareTraces(this WebApplication app) =>
        app.MapGet("/api/slow-traces", async (HttpRequest request, SlowTraces traces, CancellationToken cancellationToken) =>
        {
            var (query, errors) = SlowTracesQuery.Read(request.Query);
            return query is null ? Api.Refuse(errors) : TypedResults.Ok(await traces.CompareAsync(query, cancellationToken));
        });
}
