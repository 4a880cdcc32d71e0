using System.Net;
using OrderFlow.Monitor.Storage;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Traces;

/// <summary>What is stored of many traces, and what is known of those that are not.</summary>
[Collection("Monitor")]
public sealed class KeptTracesTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow.AddSeconds(-30);

    [Fact]
    public async Task By_default_failures_slow_traces_and_a_sample_are_kept_and_operations_count_all()
    {
        await using var store = await TraceStore.StartAsync(postgres, ("Monitor:TraceRatio", "0.1"));
        var failed = Enumerable.Range(1001, 5).Select(number => Span(number, 20, error: true));
        var slow = Enumerable.Range(2001, 5).Select(number => Span(number, 1500));
        await SendAsync(store, [.. Enumerable.Range(1, 400).Select(number => Span(number, 20)), .. failed, .. slow]);
        await Wait.UntilAsync(
            "all are decided",
            () => store.Monitor.Sum("telemetry.stored", "signal=traces")
                + store.Monitor.Sum("telemetry.dropped", "reason=not_kept") == 410);

        var kept = (await store.FindAsync("limit=500")).ToList();
        kept.Count.ShouldBeInRange(25, 110);
        (await store.FindAsync("errors=true")).Count().ShouldBe(5);
        (await store.FindAsync("minMs=1000")).Count().ShouldBe(5);
        var operation = (await store.Monitor.GetJsonAsync("/api/operations")).GetProperty("operations").EnumerateArray()
            .ShouldHaveSingleItem();
        operation.GetProperty("count").GetInt64().ShouldBe(410);
        operation.GetProperty("errorRate").GetDouble().ShouldBe(5 / 410.0, 1e-9);
        // Those that are kept stand for all.
        (await store.Monitor.GetJsonAsync("/api/slow-traces")).GetProperty("traces").GetInt32().ShouldBe(410);
    }

    [Fact]
    public async Task Span_that_comes_after_its_trace_was_stored_is_shown_with_it_and_stored_once()
    {
        await using var store = await TraceStore.StartAsync(postgres);
        await store.StoreAsync("shop", [Span(1, 50)]);
        var late = TelemetryRequests.Span(
            IdOf(1), "00000000000000b2", Now.AddMilliseconds(10), 90, "charge", "00000000000000a1", error: true);

        await store.StoreAsync("bank", [late]);
        await SendAsync(store, [late, Span(1, 50), Span(2, 5)]);
        await Wait.UntilAsync("the other is stored", async () => (await store.FindAsync("")).Contains(IdOf(2)));

        var told = await store.Monitor.GetJsonAsync($"/api/traces/{IdOf(1)}");
        var trace = told.GetProperty("trace");
        (trace.GetProperty("spans").GetInt64(), trace.GetProperty("errors").GetInt64(), trace.GetProperty("durationMs").GetDouble())
            .ShouldBe((2, 1, 100));
        trace.GetProperty("services").EnumerateArray().Select(one => one.GetString()).ShouldBe(["bank", "shop"]);
        told.GetProperty("spans").EnumerateArray()
            .Select(span => (span.GetProperty("service").GetString(), span.GetProperty("depth").GetInt32()))
            .ShouldBe([("shop", 0), ("bank", 1)]);
        (await store.Database.StoredSpansAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task Traces_beyond_the_retention_are_dropped_with_their_partition()
    {
        await using var store = await TraceStore.StartAsync(postgres, ("Monitor:Retention", "2.00:00:00"));
        await store.StoreAsync("shop", [Span(1, 50)]);
        var partitions = store.Monitor.Get<Partitions>();
        var today = DateOnly.FromDateTime(Now.UtcDateTime);

        await partitions.DropBeforeAsync(today, TimeSpan.FromDays(2), TestContext.Current.CancellationToken);
        (await store.Database.StoredSpansAsync()).ShouldBe(1);
        await partitions.DropBeforeAsync(today.AddDays(1), TimeSpan.FromDays(2), TestContext.Current.CancellationToken);

        (await store.Database.StoredSpansAsync()).ShouldBe(0);
        (await store.Database.ScalarAsync<bool>($"SELECT to_regclass('traces_{today:yyyyMMdd}') IS NULL")).ShouldBeTrue();
    }

    private static OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Span Span(int number, int milliseconds, bool error = false) =>
        TelemetryRequests.Span(IdOf(number), "00000000000000a1", Now, milliseconds, "POST /orders", error: error);

    private static async Task SendAsync(TraceStore store, IEnumerable<OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Span> spans)
    {
        using var answer = await store.Monitor.SendAsync(TelemetryRequests.Of("shop", spans));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static string IdOf(int number) => $"{number:x32}";
}
