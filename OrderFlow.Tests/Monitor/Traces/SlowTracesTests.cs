using System.Net;
using System.Text.Json;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Traces;

[Collection("Monitor")]
public sealed class SlowTracesTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow.AddMinutes(-1);

    [Fact]
    public async Task Comparison_names_the_call_that_makes_traces_slow_and_by_how_much()
    {
        await using var store = await TraceStore.StartAsync(postgres);
        // Every twentieth waits two seconds for its payment, and all of them 30 ms in the broker.
        await StoreOrdersAsync(store, 100, number => number % 20 == 7 ? 2_050 : 50);

        var told = await store.Monitor.GetJsonAsync("/api/slow-traces");

        told.GetProperty("answer")
            .GetString()
            .ShouldBe("The slowest 5 % took 2.13 s, 2.00 s more than the normal ones: 2.00 s more in bank: process payment.requested");
        (Text(told.GetProperty("flow"), "service"), Text(told.GetProperty("flow"), "operation"), told.GetProperty("traces").GetInt32())
            .ShouldBe(("shop", "POST /orders", 100));
        var (slow, normal) = (told.GetProperty("slow"), told.GetProperty("normal"));
        (slow.GetProperty("traces").GetInt32(), slow.GetProperty("read").GetInt32(), slow.GetProperty("meanMicros").GetDouble())
            .ShouldBe((5, 5, 2_130_000));
        (normal.GetProperty("traces").GetInt32(), normal.GetProperty("read").GetInt32(), normal.GetProperty("meanMicros").GetDouble())
            .ShouldBe((20, 20, 130_000));
        slow.GetProperty("slowest")
            .EnumerateArray()
            .Select(one => Text(one, "traceId"))
            .ShouldBe([IdOf(7), IdOf(27), IdOf(47), IdOf(67), IdOf(87)], ignoreOrder: true);
        told.GetProperty("differences").EnumerateArray()
            .Select(
                one =>
                    $"{Text(one, "name")}: {one.GetProperty("slowMeanMicros").GetDouble()} "
                    + $"{one.GetProperty("normalMeanMicros").GetDouble()} {one.GetProperty("moreMicros").GetDouble()}")
            .ShouldBe(
            [
                "bank: process payment.requested: 2050000 50000 2000000",
                "shop: POST /orders: 30000 30000 0",
                "shop: send payment.requested: 20000 20000 0",
                "waiting before bank: process payment.requested, in the broker: 30000 30000 0",
            ], ignoreOrder: true);
        told.GetProperty("differences")[0].GetProperty("moreMicros").GetDouble().ShouldBe(2_000_000);
    }

    [Fact]
    public async Task Threshold_for_slow_traces_can_be_given_and_normal_ones_are_chosen_below_it()
    {
        await using var store = await TraceStore.StartAsync(postgres);
        await StoreOrdersAsync(store, 40, number => number <= 25 ? 1_000 : 100);

        var told = await store.Monitor.GetJsonAsync("/api/slow-traces?slowerThanMs=900");

        told.GetProperty("answer")
            .GetString()!
            .ShouldStartWith("The traces of 900 ms and more took 1.08 s, 900 ms more than the normal ones: 900 ms more in bank: ");
        (told.GetProperty("slow").GetProperty("traces").GetInt32(), told.GetProperty("normal").GetProperty("traces").GetInt32())
            .ShouldBe((25, 3));
        (await AnswerAsync("slowerThanMs=2000")).ShouldBe("No trace took 2.00 s or more; the slowest took 1.08 s.");
        (await AnswerAsync("slowerThanMs=1"))
            .ShouldBe("Nearly every trace took 1.0 ms or more: there are no normal ones to compare with.");

        async Task<string?> AnswerAsync(string query) => Text(await store.Monitor.GetJsonAsync($"/api/slow-traces?{query}"), "answer");
    }

    [Fact]
    public async Task At_most_fifty_slow_and_fifty_normal_traces_are_read()
    {
        await using var store = await TraceStore.StartAsync(postgres);
        await store.StoreAsync(
            "shop",
            Enumerable.Range(1, 1200)
                .Select(number => TelemetryRequests.Span(IdOf(number), "00000000000000a1", Now, number, "GET /orders/{id}")));

        var told = await store.Monitor.GetJsonAsync("/api/slow-traces");

        told.GetProperty("traces").GetInt32().ShouldBe(1200);
        foreach (var (group, traces) in new[] { (told.GetProperty("slow"), 60), (told.GetProperty("normal"), 240) })
        {
            (group.GetProperty("traces").GetInt32(), group.GetProperty("read").GetInt32()).ShouldBe((traces, 50));
        }
    }

    [Fact]
    public async Task Too_few_traces_are_not_compared_and_the_flow_can_be_chosen()
    {
        await using var store = await TraceStore.StartAsync(postgres);
        (await store.Monitor.GetJsonAsync("/api/slow-traces")).GetProperty("answer")
            .GetString()
            .ShouldBe("No such trace ended in this time.");
        await StoreOrdersAsync(store, 19, _ => 50);
        await store.StoreAsync(
            "stock",
            Enumerable.Range(1000, 20).Select(number => TelemetryRequests.Span(IdOf(number), "00000000000000a1", Now, 1, "GET /stock")));

        var told = await store.Monitor.GetJsonAsync("/api/slow-traces");
        told.GetProperty("answer").GetString().ShouldBe("19 traces ended in this time; it takes 20 to tell slow from normal.");
        told.TryGetProperty("slow", out _).ShouldBeFalse();
        told.GetProperty("flows")
            .EnumerateArray()
            .Select(flow => $"{Text(flow, "service")}: {Text(flow, "operation")} {flow.GetProperty("traces").GetInt64()}")
            .ShouldBe(["shop: POST /orders 19", "stock: GET /stock 20"]);
        Text(
            await store.Monitor.GetJsonAsync("/api/slow-traces?service=stock"),
            "answer").ShouldBe("The slowest 5 % took no longer than the normal ones");
        Text(
            await store.Monitor.GetJsonAsync("/api/slow-traces?operation=GET%20/stock&minutes=5"),
            "answer").ShouldBe("The slowest 5 % took no longer than the normal ones");
    }

    [Theory]
    [InlineData("minutes=0", "minutes")]
    [InlineData("minutes=1441", "minutes")]
    [InlineData("slowerThanMs=long", "slowerThanMs")]
    [InlineData("slowerThanMs=-1", "slowerThanMs")]
    [InlineData("service=%00", "service")]
    public async Task Wrong_parameter_is_named(string query, string parameter)
    {
        await using var store = await TraceStore.StartAsync(postgres);

        (await store.Monitor.GetJsonAsync($"/api/slow-traces?{query}", HttpStatusCode.BadRequest))
            .GetProperty("errors")
            .TryGetProperty(parameter, out _)
            .ShouldBeTrue();
    }

    /// <summary>
    /// Orders of two services: 30 ms for the request, 20 ms of those for sending, 30 ms in the broker, then the payment.
    /// </summary>
    private static async Task StoreOrdersAsync(TraceStore store, int count, Func<int, double> paymentMs)
    {
        var numbers = Enumerable.Range(1, count).ToList();
        await store.StoreAsync("shop", numbers.SelectMany(number => new Span[]
        {
            TelemetryRequests.Span(IdOf(number), "00000000000000a1", Now, 50, "POST /orders"),
            TelemetryRequests.Span(
                IdOf(number),
                "00000000000000a2",
                Now.AddMilliseconds(30),
                20,
                "send payment.events:payment.requested",
                parent: "00000000000000a1",
                kind: TelemetryRequests.Producer),
        }));
        await store.StoreAsync("bank", numbers.Select(number => TelemetryRequests.Span(
            IdOf(number), "00000000000000b1", Now.AddMilliseconds(80), paymentMs(number), "process payment.events:payment.requested:bank",
            parent: "00000000000000a2", kind: TelemetryRequests.Consumer)));
    }

    private static string IdOf(int number) => $"{number:x32}";

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}
