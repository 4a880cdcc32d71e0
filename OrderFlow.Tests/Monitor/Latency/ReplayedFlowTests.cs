using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Latency;

/// <summary>The console counts flows as the end-to-end histogram does: each once, by its first end, with replays beside.</summary>
[Collection("Monitor")]
public sealed class ReplayedFlowTests(PostgresFixture postgres)
{
    private const string Service = "order-service";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Flow_that_ended_after_a_replay_is_one_failure_and_counted_apart()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var origin = _time.GetUtcNow();
        await monitor.ReceiveAsync(OrderEvents.From(origin).All);
        await monitor.ReceiveAsync(OrderEvents.From(origin).All.SkipLast(1));
        var retried = OrderEvents.From(origin);
        await monitor.ReceiveAsync([.. retried.All.SkipLast(1), retried.Sent.Of(FlowAttempt.Retried)]);
        var failed = OrderEvents.From(origin);
        await monitor.ReceiveAsync(failed.Created, failed.PaymentRequested, failed.PaymentProcessed);
        await monitor.ReceiveAsync(failed.PaymentProcessed.LifecycleEvent(
            Service, LifecycleEventNames.DeadLettered, origin.AddMilliseconds(100), (HeaderNames.DeadLetterReason, "handler_failed"),
            (HeaderNames.DeadLetterAttempts, 4)));
        var run = (HeaderNames.ReplayRun, (object)Guid.CreateVersion7().ToString());
        await monitor.ReceiveAsync(
            failed.PaymentProcessed.LifecycleEvent(Service, LifecycleEventNames.Replayed, origin.AddMilliseconds(200), run));
        await monitor.ReceiveAsync(failed.PaymentProcessed.Of(FlowAttempt.Replayed).LifecycleEvent(
            Service, LifecycleEventNames.DeadLettered, origin.AddMilliseconds(300), run, (HeaderNames.Replayed, true),
            (HeaderNames.DeadLetterReason, "handler_failed"), (HeaderNames.DeadLetterAttempts, 4)));
        await monitor.ReceiveAsync(
            failed.PaymentProcessed.LifecycleEvent(Service, LifecycleEventNames.Replayed, origin.AddMilliseconds(400), run));
        await monitor.ReceiveAsync(
            failed.Processed.Of(FlowAttempt.Replayed), failed.Sent.Of(FlowAttempt.Replayed).PublishedAt(origin.AddSeconds(30)));
        _time.Advance(TimeSpan.FromMinutes(1));

        var dashboard = await monitor.GetJsonAsync("/api/dashboard");
        (dashboard.GetProperty("flowsEnded").GetInt64(), dashboard.GetProperty("flowsFailed").GetInt64()).ShouldBe((2, 1));
        dashboard.GetProperty("errorRate").GetDouble().ShouldBe(1 / 3.0, 1e-9);
        dashboard.GetProperty("throughputPerSecond").GetDouble().ShouldBe(3 / 300.0, 1e-9);
        dashboard.GetProperty("p99Ms").GetDouble().ShouldBe(40);
        var replayed = dashboard.GetProperty("replayed");
        (replayed.GetProperty("ended").GetInt64(), replayed.GetProperty("failed").GetInt64(), replayed.GetProperty("p99Ms").GetDouble())
            .ShouldBe((1, 1, 30_000));

        var slots = (await monitor.GetJsonAsync("/api/latency?window=5m")).GetProperty("slots").EnumerateArray().ToList();
        (Sum(slots, "ended"), Sum(slots, "failed"), Sum(slots, "replayed")).ShouldBe((2, 1, 1));
        slots.Where(slot => slot.TryGetProperty("p99Ms", out _)).ShouldHaveSingleItem().GetProperty("p99Ms").GetDouble().ShouldBe(40);
        var order = (await monitor.GetJsonAsync($"/api/orders/{failed.OrderId}")).GetProperty("order");
        (order.GetProperty("status").GetString(), order.GetProperty("attempt").GetString()).ShouldBe(("ended", "replayed"));
        order.GetProperty("givenUpAt").GetDateTimeOffset().ShouldBe(origin.AddMilliseconds(100));
        (await monitor.GetJsonAsync($"/api/orders/{retried.OrderId}"))
            .GetProperty("order")
            .GetProperty("attempt")
            .GetString()
            .ShouldBe("retried");
    }

    [Fact]
    public async Task Dead_lettered_refund_fails_no_flow()
    {
        FlowRules.AfterTheEnd.ShouldBe(["payment.refund-requested", "payment.refunded"]);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var order = OrderEvents.From(_time.GetUtcNow());
        await monitor.ReceiveAsync(order.All);
        var refund = order.PaymentProcessed.Causes(
            new OrderFlow.Contracts.PaymentRefundRequested { OrderId = order.OrderId }, Service, _time.GetUtcNow(), 50);

        await monitor.ReceiveAsync(refund.LifecycleEvent(
            "payment-service", LifecycleEventNames.DeadLettered, _time.GetUtcNow().AddMilliseconds(90),
            (HeaderNames.DeadLetterReason, "handler_failed"), (HeaderNames.DeadLetterAttempts, 1)));

        var dashboard = await monitor.GetJsonAsync("/api/dashboard");
        (dashboard.GetProperty("flowsEnded").GetInt64(), dashboard.GetProperty("flowsFailed").GetInt64()).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Dashboard_without_traffic_has_zeros_or_absent_figures()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        await monitor.ReceiveAsync(OrderEvents.From(_time.GetUtcNow()).All);
        _time.Advance(TimeSpan.FromHours(1));

        var dashboard = await monitor.GetJsonAsync("/api/dashboard");

        (dashboard.GetProperty("errorRate").GetDouble(), dashboard.GetProperty("throughputPerSecond").GetDouble()).ShouldBe((0, 0));
        (dashboard.TryGetProperty("p50Ms", out _), dashboard.GetProperty("replayed").TryGetProperty("p50Ms", out _))
            .ShouldBe((false, false));
        (await monitor.GetJsonAsync("/api/latency?window=5m")).ToString().ShouldNotContain("NaN");
    }

    private static long Sum(List<JsonElement> slots, string name) => slots.Sum(slot => slot.GetProperty(name).GetInt64());

    private async Task<RunningMonitor> StartAsync(TestDatabase database)
    {
        var monitor = await RunningMonitor.StartAsync("amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString, _time);
        await monitor.Get<OrderFlow.Messaging.Postgres.Migrations.ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return monitor;
    }
}
