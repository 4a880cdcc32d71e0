using System.Net;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>A Monitor that takes spans, and the database that it puts them into.</summary>
internal sealed record TraceStore(TestDatabase Database, RunningMonitor Monitor) : IAsyncDisposable
{
    public static async Task<TraceStore> StartAsync(PostgresFixture postgres, params (string Key, string Value)[] settings)
    {
        var database = await postgres.CreateDatabaseAsync();
        var monitor = await RunningMonitor.StartAsync(
            "amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString,
            settings: [("Monitor:IngestKey", TelemetryRequests.Key), .. settings]);
        await monitor.Get<ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return new TraceStore(database, monitor);
    }

    /// <summary>Sends spans and waits until they are stored.</summary>
    public async Task StoreAsync(string service, IEnumerable<OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Span> spans)
    {
        var request = TelemetryRequests.Of(service, spans);
        var before = await Database.StoredSpansAsync();
        using var answer = await Monitor.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = request.ResourceSpans[0].ScopeSpans[0].Spans.Count;
        await Wait.UntilAsync("they are stored", async () => await Database.StoredSpansAsync() == before + sent);
    }

    public async Task<IEnumerable<string?>> FindAsync(string query) =>
        (await Monitor.GetJsonAsync($"/api/traces?{query}")).GetProperty("traces")
            .EnumerateArray()
            .Select(trace => trace.GetProperty("traceId").GetString());

    public async ValueTask DisposeAsync()
    {
        await Monitor.DisposeAsync();
        await Database.DisposeAsync();
    }
}
