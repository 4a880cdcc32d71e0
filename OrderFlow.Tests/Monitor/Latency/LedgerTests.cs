using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Latency;

/// <summary>What the Monitor stores and shows of an order's ledger, on a real database.</summary>
[Collection("Monitor")]
public sealed class LedgerTests(PostgresFixture postgres)
{
    private const string Ledger =
        "1;accept=812;order.created:broker=640,buffer=15,handling=2210,transaction=3105,outbox=402;"
        + "payment.requested:broker=700,handling=20011,retry=100000;"
        + "payment.requested:broker=-12,handling=19000;order.processed:broker=300,buffer=2,handling=1500;unaccounted=7;end";

    private const long Sum = 812 + 640 + 15 + 2210 + 3105 + 402 + 700 + 20011 + 100000 - 12 + 19000 + 300 + 2 + 1500 + 7;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Order_shows_each_stage_with_its_service_and_the_exact_sum()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        var order = OrderEvents.From(_time.GetUtcNow());
        await monitor.ReceiveAsync([.. order.All.SkipLast(1), order.SentWith(Ledger, Sum)]);

        var life = await monitor.GetJsonAsync($"/api/orders/{order.OrderId}");

        var stages = life.GetProperty("stages").EnumerateArray().ToList();
        stages.Select(Line).ShouldBe(
        [
            "gateway: accept 812",
            "broker: order.created/broker 640",
            "order-service: order.created/buffer 15",
            "order-service: order.created/handling 2210",
            "order-service: order.created/transaction 3105",
            "order-service: order.created/outbox 402",
            "broker: payment.requested/broker 700",
            "payment-service: payment.requested/handling 20011",
            "payment-service: payment.requested/retry 100000",
            "broker: payment.requested/broker -12",
            "payment-service: payment.requested/handling 19000",
            "broker: order.processed/broker 300",
            "notification-service: order.processed/buffer 2",
            "notification-service: order.processed/handling 1500",
            "-: unaccounted 7",
        ]);
        stages.Sum(stage => stage.GetProperty("micros").GetInt64()).ShouldBe(Sum);
        stages.Sum(stage => stage.GetProperty("share").GetDouble()).ShouldBe(1, 1e-12);
        life.GetProperty("stagesSumMicros").GetInt64().ShouldBe(Sum);
        life.GetProperty("endToEndMicros").GetInt64().ShouldBe(Sum);

        static string Line(JsonElement stage) =>
            $"{Text(stage, "service") ?? "-"}: {(Text(stage, "hop") is { } hop ? $"{hop}/" : "")}{Text(stage, "stage")} "
            + $"{stage.GetProperty("micros").GetInt64()}";

        static string? Text(JsonElement stage, string name) => stage.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    [Fact]
    public async Task Ledger_is_that_of_the_first_end_whatever_the_order_of_the_events()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        var start = _time.GetUtcNow();
        var order = OrderEvents.From(start);
        var first = order.SentWith(Ledger, Sum);
        var second = order.Processed.Causes(first.Body, "notification-service", start, 90) with { Stages = "1;accept=90000;end" };

        await monitor.ReceiveAsync(second);
        (await StoredAsync()).ShouldBe("1;accept=90000;end");
        await monitor.ReceiveAsync(first);
        (await StoredAsync()).ShouldBe(Ledger);
        await monitor.ReceiveAsync(order.Created, second, first, first with { Stages = "1;accept=1;end" });
        await monitor.ReceiveAsync(order.Processed, order.PaymentRequested);

        (await StoredAsync()).ShouldBe(Ledger);
        (await database.CountAsync("flows")).ShouldBe(1);

        Task<string> StoredAsync() => database.ScalarAsync<string>($"SELECT stages FROM flows WHERE aggregate_id = '{order.OrderId}'")!;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2;accept=40000;end")]
    [InlineData("no ledger \u0000 at all")]
    public async Task Order_without_a_readable_ledger_has_no_stages(string? stages)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, _time);
        var order = OrderEvents.From(_time.GetUtcNow());
        await monitor.ReceiveAsync([.. order.All.SkipLast(1), order.Sent with { Stages = stages }]);
        _time.Advance(TimeSpan.FromMinutes(1));

        (await monitor.GetJsonAsync($"/api/orders/{order.OrderId}")).TryGetProperty("stages", out _).ShouldBeFalse();
        (await monitor.GetJsonAsync("/api/stages")).GetProperty("sampled").GetInt32().ShouldBe(0);
        (await monitor.GetJsonAsync("/api/bottleneck")).GetProperty("answer")
            .GetString()
            .ShouldBe("No order with a ledger ended in the last 15 minutes.");
    }
}
