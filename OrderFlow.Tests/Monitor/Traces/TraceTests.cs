using System.Net;
using OrderFlow.Monitor.Traces;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Traces;

[Collection("Monitor")]
public sealed class TraceTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task Traces_are_searched_by_their_spans_and_listed_page_by_page()
    {
        await using var run = await StartAsync();
        await run.StoreAsync(
            "shop",
            Enumerable.Range(1, 5)
                .Select(
                    number =>
                        TelemetryRequests.Span(
                            IdOf(number), "00000000000000a1", Now.AddSeconds(number), number * 100, "POST /orders", error: number == 3)));
        await run.StoreAsync(
            "bank", [TelemetryRequests.Span(IdOf(2), "00000000000000b2", Now.AddSeconds(2.01), 50, "charge", parent: "00000000000000a1")]);

        (await run.FindAsync("")).ShouldBe([IdOf(5), IdOf(4), IdOf(3), IdOf(2), IdOf(1)]);
        (await run.FindAsync("service=bank")).ShouldBe([IdOf(2)]);
        (await run.FindAsync("operation=charge")).ShouldBe([IdOf(2)]);
        (await run.FindAsync("service=shop&operation=charge")).ShouldBeEmpty();
        (await run.FindAsync("minMs=300")).ShouldBe([IdOf(5), IdOf(4), IdOf(3)]);
        (await run.FindAsync("errors=true")).ShouldBe([IdOf(3)]);
        (await run.FindAsync($"trace={IdOf(4).ToUpperInvariant()}")).ShouldBe([IdOf(4)]);
        (await run.FindAsync($"from={After(1.5)}&to={After(3.5)}")).ShouldBe([IdOf(3), IdOf(2)]);
        var first = await run.Monitor.GetJsonAsync("/api/traces?limit=3");
        (await run.FindAsync($"limit=3&after={first.GetProperty("next").GetString()}")).ShouldBe([IdOf(2), IdOf(1)]);
    }

    [Theory]
    [InlineData("/api/traces?minMs=fast", "minMs")]
    [InlineData("/api/traces?errors=some", "errors")]
    [InlineData("/api/traces?trace=12", "trace")]
    [InlineData("/api/traces?after=1", "after")]
    [InlineData("/api/traces?limit=501", "limit")]
    [InlineData("/api/traces?service=%00", "service")]
    [InlineData("/api/operations?minutes=0", "minutes")]
    public async Task Wrong_parameter_is_named(string path, string parameter)
    {
        await using var run = await StartAsync();

        (await run.Monitor.GetJsonAsync(path, HttpStatusCode.BadRequest))
            .GetProperty("errors")
            .TryGetProperty(parameter, out _)
            .ShouldBeTrue();
    }

    [Theory]
    [InlineData("/api/traces/0af7651916cd43dd8448eb211c80319c")]
    [InlineData("/api/traces/nothing")]
    [InlineData("/api/orders/nothing/trace")]
    public async Task Unknown_trace_or_order_is_not_found(string path)
    {
        await using var run = await StartAsync();

        (await run.Monitor.GetJsonAsync(path, HttpStatusCode.NotFound))
            .GetProperty("type")
            .GetString()
            .ShouldBe("urn:orderflow:problem:unknown");
    }

    [Fact]
    public async Task Traces_of_an_order_are_the_trace_of_its_events_and_those_that_link_to_it()
    {
        await using var run = await StartAsync();
        var order = OrderEvents.From(Now);
        await run.Monitor.ReceiveAsync(order.All);
        const string OfEvents = "0af7651916cd43dd8448eb211c80319c";
        var retry = TelemetryRequests.Span(IdOf(2), "00000000000000b2", Now.AddSeconds(30), 5, "process order-service");
        retry.Links.Add(
            new OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Link
            {
                TraceId = Google.Protobuf.ByteString.CopyFrom(Convert.FromHexString(OfEvents)),
                SpanId = Google.Protobuf.ByteString.CopyFrom(new byte[8]),
            });
        await run.StoreAsync(
            "shop",
            [TelemetryRequests.Span(OfEvents, "00000000000000a1", Now, 5), retry,
                TelemetryRequests.Span(IdOf(3), "00000000000000c3", Now, 5)]);

        var told = await run.Monitor.GetJsonAsync($"/api/orders/{order.OrderId}/trace");

        told.GetProperty("traces")
            .EnumerateArray()
            .Select(trace => trace.GetProperty("trace").GetProperty("traceId").GetString())
            .ShouldBe([OfEvents, IdOf(2)]);
        told.GetProperty("traces")[1]
            .GetProperty("spans")[0]
            .GetProperty("links")[0]
            .GetProperty("traceId")
            .GetString()
            .ShouldBe(OfEvents);
        // The retry is linked to a span that is not stored, so nobody knows what it waited for; the time is there all the same.
        told.GetProperty("criticalPath").GetProperty("micros").GetInt64().ShouldBe(30_005_000);
        told.GetProperty("criticalPath").GetProperty("shares").EnumerateArray().Select(share => share.GetProperty("name").GetString())
            .ShouldBe(["waiting before shop: process order-service, no span says for what", "shop: process order-service", "shop: work"]);
    }

    [Fact]
    public async Task Critical_path_of_a_trace_sums_to_its_duration()
    {
        await using var run = await StartAsync();
        await run.StoreAsync("shop",
        [
            TelemetryRequests.Span(IdOf(1), "00000000000000a1", Now, 100.0015, "POST /orders"),
            TelemetryRequests.Span(IdOf(1), "00000000000000a2", Now.AddMilliseconds(10), 80, "charge", parent: "00000000000000a1"),
        ]);

        var told = await run.Monitor.GetJsonAsync($"/api/traces/{IdOf(1)}");

        var path = told.GetProperty("criticalPath");
        path.GetProperty("micros").GetInt64().ShouldBe(100_001);
        path.GetProperty("steps")
            .EnumerateArray()
            .Select(
                step =>
                    $"{step.GetProperty("spanId").GetString()![^2..]} {step.GetProperty("offsetMicros").GetInt64()} "
                    + $"{step.GetProperty("micros").GetInt64()}")
            .ShouldBe(["a1 0 10000", "a2 10000 80000", "a1 90000 10001"]);
        path.GetProperty("shares").EnumerateArray().Sum(share => share.GetProperty("share").GetDouble()).ShouldBe(1, 1e-9);
    }

    [Fact]
    public async Task Operations_are_summed_up_over_the_requested_minutes()
    {
        await using var run = await StartAsync();
        await run.StoreAsync(
            "shop",
            Enumerable.Range(1, 100)
                .Select(
                    number =>
                        TelemetryRequests.Span(
                            IdOf(number), "00000000000000a1", Now.AddMinutes(-1), number, "POST /orders", error: number <= 25)));
        await run.StoreAsync(
            "shop",
            [TelemetryRequests.Span(IdOf(101), "00000000000000a1", Now.AddMinutes(-20), 9000, "POST /orders"),
                TelemetryRequests.Span(IdOf(102), "00000000000000a1", Now, 1, "GET /orders/{id}")]);

        var list = await run.Monitor.GetJsonAsync("/api/operations");

        list.GetProperty("minutes").GetInt32().ShouldBe(15);
        var operations = list.GetProperty("operations").EnumerateArray().ToList();
        operations.Select(one => one.GetProperty("name").GetString()).ShouldBe(["POST /orders", "GET /orders/{id}"]);
        operations[0].GetProperty("count").GetInt64().ShouldBe(100);
        operations[0].GetProperty("meanMs").GetDouble().ShouldBe(50.5, 0.01);
        operations[0].GetProperty("p50Ms").GetDouble().ShouldBe(50.5, 0.505);
        operations[0].GetProperty("p99Ms").GetDouble().ShouldBe(99.01, 0.990);
        operations[0].GetProperty("errorRate").GetDouble().ShouldBe(0.25);
        // Beside its operations, the service as a whole: by what it was asked for, whatever it did for that.
        await run.StoreAsync(
            "shop", [TelemetryRequests.Span(IdOf(103), "00000000000000a1", Now, 5000, "SELECT orders", kind: TelemetryRequests.Client)]);
        var service = (await run.Monitor.GetJsonAsync("/api/operations")).GetProperty("services").EnumerateArray().ShouldHaveSingleItem();
        (service.GetProperty("service").GetString(), service.GetProperty("count").GetInt64()).ShouldBe(("shop", 101));
        service.GetProperty("meanMs").GetDouble().ShouldBe(5051.0 / 101, 0.01);
        service.GetProperty("p50Ms").GetDouble().ShouldBe(50, 0.5);
        service.GetProperty("p99Ms").GetDouble().ShouldBe(99, 0.99);
        service.GetProperty("errorRate").GetDouble().ShouldBe(25.0 / 101, 1e-9);
        (await run.Monitor.GetJsonAsync("/api/operations?minutes=30"))
            .GetProperty("operations")[0]
            .GetProperty("count")
            .GetInt64()
            .ShouldBe(101);
    }

    [Fact]
    public void Span_tree_keeps_every_span_with_missing_or_circular_parents()
    {
        var tree = SpanTree.Of(
            [Of("root", null), Of("late", "root"), Of("deep", "late"), Of("orphan", "unknown"), Of("self", "self"),
                Of("ring1", "ring2"), Of("ring2", "ring1"), Of("later", "root")]);

        tree.Select(span => (span.SpanId, span.Depth)).ShouldBe(
            [("root", 0), ("late", 1), ("deep", 2), ("later", 1), ("orphan", 0), ("self", 0), ("ring1", 0), ("ring2", 1)]);

        static SpanView Of(string id, string? parent) =>
            new(id, parent, 0, "", null, "", "", "", default, 0, 0, false, null, null, null, null);
    }

    private static string IdOf(int number) => $"{number:x32}";

    private static string After(double seconds) => Uri.EscapeDataString(Now.AddSeconds(seconds).ToString("O"));

    private Task<TraceStore> StartAsync() => TraceStore.StartAsync(postgres);
}
