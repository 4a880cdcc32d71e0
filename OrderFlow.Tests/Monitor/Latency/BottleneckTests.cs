using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Latency;

[Collection("Monitor")]
public sealed class BottleneckTests(PostgresFixture postgres)
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Bottleneck_answer_names_a_slow_payment_service()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        await PlaceAsync(
            monitor,
            10,
            _ =>
                "1;accept=1000;order.created:broker=2000,handling=497000;payment.requested:broker=1000,handling=2100000;"
                + "order.processed:broker=2000,handling=0;end");

        var told = await monitor.GetJsonAsync("/api/bottleneck");

        told.GetProperty("answer").GetString().ShouldBe("payment-service, handling payment.requested: 2.10 s of 2.60 s (81 %)");
        told.GetProperty("stage").GetProperty("service").GetString().ShouldBe("payment-service");
        Name(told.GetProperty("stage")).ShouldBe("payment.requested/handling");
        told.GetProperty("services")
            .EnumerateArray()
            .Select(service => $"{service.GetProperty("service").GetString()} {service.GetProperty("meanMicros").GetDouble()}")
            .ShouldBe(["payment-service 2100000", "order-service 497000", "broker 5000", "gateway 1000", "notification-service 0"]);
        told.TryGetProperty("slow", out _).ShouldBeFalse("ten are too few to tell slow from normal");
    }

    [Fact]
    public async Task Wait_in_the_broker_is_attributed_to_the_broker_and_names_the_consumer()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        await PlaceAsync(
            monitor,
            10,
            _ => "1;accept=1000;order.created:broker=2000,handling=97000;payment.requested:broker=750000,handling=150000;end");

        var told = await monitor.GetJsonAsync("/api/bottleneck?minutes=1");

        told.GetProperty("answer").GetString().ShouldBe(
            "the broker, payment.requested waiting for payment-service: 750 ms of 1.00 s (75 %); payment-service takes 150 ms to "
            + "handle one");
        told.GetProperty("stage").GetProperty("service").GetString().ShouldBe("broker");
        told.GetProperty("stage").GetProperty("handledBy").GetString().ShouldBe("payment-service");
    }

    [Fact]
    public async Task Slow_orders_are_compared_with_median_ones_stage_by_stage()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        // 95 of 100 spend most of their time in order.created; five more waited for another attempt of the payment.
        await PlaceAsync(monitor, 100, index => index % 20 == 7
            ? "1;accept=1000;order.created:broker=2000,handling=300000;payment.requested:handling=60000,retry=5000000;end"
            : "1;accept=1000;order.created:broker=2000,handling=300000;payment.requested:handling=50000;end");

        var told = await monitor.GetJsonAsync("/api/bottleneck");

        told.GetProperty("answer").GetString()!.ShouldStartWith("order-service, handling order.created: 300 ms of ");
        var slow = told.GetProperty("slow");
        slow.GetProperty("slowFlows").GetInt32().ShouldBe(5);
        slow.GetProperty("slowMeanMicros").GetDouble().ShouldBe(5_363_000);
        slow.GetProperty("normalMeanMicros").GetDouble().ShouldBe(353_000);
        slow.GetProperty("stages").EnumerateArray().Select(stage => $"{Name(stage)} {stage.GetProperty("moreMicros").GetDouble()}").Take(2)
            .ShouldBe(["payment.requested/retry 5000000", "payment.requested/handling 10000"]);
        slow.GetProperty("stages").EnumerateArray().Sum(stage => stage.GetProperty("moreMicros").GetDouble()).ShouldBe(5_010_000, 1e-3);
        slow.GetProperty("answer").GetString().ShouldBe(
            "The slowest 5 % took 5.36 s, 5.01 s more than the median orders: 5.00 s more in payment-service, payment.requested "
            + "waiting for another attempt");
    }

    [Fact]
    public async Task Stages_have_mean_percentiles_and_share_of_the_requested_window()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        await PlaceAsync(monitor, 100, index => $"1;accept=1000;order.created:handling={(index + 1) * 100},outbox=950;end");
        _time.Advance(TimeSpan.FromMinutes(10));
        await PlaceAsync(monitor, 4, _ => "1;accept=4000;end");

        var all = await monitor.GetJsonAsync("/api/stages");
        (all.GetProperty("flows").GetInt64(), all.GetProperty("sampled").GetInt32()).ShouldBe((104, 104));
        all.GetProperty("stages")
            .EnumerateArray()
            .Sum(stage => stage.GetProperty("meanMicros").GetDouble())
            .ShouldBe(all.GetProperty("meanMicros").GetDouble(), 1e-6);
        all.GetProperty("stages").EnumerateArray().Sum(stage => stage.GetProperty("share").GetDouble()).ShouldBe(1, 1e-9);
        var handling = all.GetProperty("stages").EnumerateArray().Single(stage => Name(stage) == "order.created/handling");
        handling.GetProperty("flows").GetInt32().ShouldBe(100);
        handling.GetProperty("meanMicros").GetDouble().ShouldBe(505_000 / 104.0, 1e-6);
        // Four of the 104 had none of it: the 52nd of 0, 0, 0, 0, 100, 200 …, and the 103rd.
        handling.GetProperty("p50Micros").GetInt64().ShouldBe(4800);
        handling.GetProperty("p99Micros").GetInt64().ShouldBe(9900);

        var recent = await monitor.GetJsonAsync("/api/stages?minutes=5");
        recent.GetProperty("flows").GetInt64().ShouldBe(4);
        Name(recent.GetProperty("stages").EnumerateArray().ShouldHaveSingleItem()).ShouldBe("accept");
        var slot = recent.GetProperty("slots")
            .EnumerateArray()
            .Where(slot => slot.GetProperty("flows").GetInt32() > 0)
            .ShouldHaveSingleItem();
        slot.GetProperty("meanMicros").GetRawText().ShouldBe("{\"accept\":4000}");

        foreach (var wrong in new[] { "0", "361", "-1", "many" })
        {
            foreach (var path in new[] { "stages", "bottleneck" })
            {
                (await monitor.GetJsonAsync($"/api/{path}?minutes={wrong}", HttpStatusCode.BadRequest))
                    .GetProperty("errors")
                    .TryGetProperty("minutes", out _)
                    .ShouldBeTrue();
            }
        }
    }

    /// <summary>Stores orders that ended just now.</summary>
    private async Task PlaceAsync(RunningMonitor monitor, int count, Func<int, string> ledger)
    {
        var orders = Enumerable.Range(0, count)
            .Select(index => (Order: OrderEvents.From(_time.GetUtcNow()), Ledger: ledger(index)))
            .ToList();
        await monitor.ReceiveAsync(orders.SelectMany(one => one.Order.All.SkipLast(1).Append(one.Order.SentWith(one.Ledger, 0))));
        _time.Advance(TimeSpan.FromSeconds(5));
    }

    private static string Name(JsonElement stage) =>
        stage.TryGetProperty("hop", out var hop)
            ? $"{hop.GetString()}/{stage.GetProperty("stage").GetString()}"
            : stage.GetProperty("stage").GetString()!;
}
