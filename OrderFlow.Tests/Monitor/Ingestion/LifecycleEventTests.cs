using System.Text.Json;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitor.Ingestion;

[Collection("Monitor")]
public sealed class LifecycleEventTests(BrokerFixture broker, PostgresFixture postgres)
{
    private const string Service = "notification-service";

    [Fact]
    public async Task Flow_fails_with_its_dead_letter_reopens_with_its_replay_and_ends_after_it()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var origin = DateTimeOffset.UtcNow.AddSeconds(-1);
        var order = OrderEvents.From(origin);
        var run = Guid.CreateVersion7();
        await monitor.ReceiveAsync(order.All.SkipLast(1));

        await monitor.ReceiveAsync(order.Processed.LifecycleEvent(
            Service, LifecycleEventNames.RetryQueued, origin.AddMilliseconds(50), (HeaderNames.Attempt, 5), (HeaderNames.RetryTier, 0),
            (HeaderNames.RetryExceptionType, "System.TimeoutException")));
        (await StatusAsync(monitor, order)).ShouldBe("open");

        var dead = order.Processed.LifecycleEvent(
            Service, LifecycleEventNames.DeadLettered, origin.AddMilliseconds(100), (HeaderNames.DeadLetterReason, "handler_failed"),
            (HeaderNames.DeadLetterAttempts, 8));
        await monitor.ReceiveAsync(dead);
        await monitor.ReceiveAsync(dead);
        (await StatusAsync(monitor, order)).ShouldBe("failed");
        var dashboard = await monitor.GetJsonAsync("/api/dashboard");
        (dashboard.GetProperty("flowsFailed").GetInt32(), dashboard.GetProperty("errorRate").GetDouble(),
            dashboard.GetProperty("openFlows").GetInt32())
            .ShouldBe((1, 1.0, 0));

        await monitor.ReceiveAsync(
            order.Processed.LifecycleEvent(
                Service, LifecycleEventNames.Replayed, origin.AddMilliseconds(200), (HeaderNames.ReplayRun, run.ToString())));
        (await StatusAsync(monitor, order)).ShouldBe("open");

        await monitor.ReceiveAsync(order.Sent);
        await monitor.ReceiveAsync(
            order.Processed.LifecycleEvent(
                Service, LifecycleEventNames.Handled, origin.AddMilliseconds(300), (HeaderNames.ReplayRun, run.ToString())));
        (await StatusAsync(monitor, order)).ShouldBe("ended");

        var life = await monitor.GetJsonAsync($"/api/orders/{order.OrderId}");
        var steps = life.GetProperty("handling").EnumerateArray().ToList();
        steps.Select(step => step.GetProperty("kind").GetString()).ShouldBe(["retry-queued", "dead-lettered", "replayed", "handled"]);
        steps.ShouldAllBe(
            step =>
                step.GetProperty("eventId").GetGuid() == order.Processed.Context.EventId
                    && step.GetProperty("service").GetString() == Service);
        (steps[0].GetProperty("attempt").GetInt32(), steps[0].GetProperty("tier").GetInt32(),
            steps[0].GetProperty("exceptionType").GetString())
            .ShouldBe((4, 0, "System.TimeoutException"));
        (steps[1].GetProperty("attempt").GetInt32(), steps[1].GetProperty("reason").GetString()).ShouldBe((8, "handler_failed"));
        // Nobody decided it here, so it came from the command line.
        var decision = (await DecisionsAsync(monitor)).ShouldHaveSingleItem();
        decision.TryGetProperty("holder", out _).ShouldBeFalse();
        (decision.GetProperty("run").GetGuid(), decision.GetProperty("dispatched").GetInt32(), decision.GetProperty("handled").GetInt32())
            .ShouldBe((run, 1, 1));
    }

    [Fact]
    public async Task Late_payment_and_refund_do_not_reopen_an_ended_flow()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var origin = DateTimeOffset.UtcNow.AddSeconds(-1);
        var order = OrderEvents.From(origin);
        var overdue = order.Created.Causes(new OrderPaymentOverdue { OrderId = order.OrderId }, "order-service", origin, 20);
        var rejected = overdue.Causes(
            new OrderRejected { OrderId = order.OrderId, Reason = "payment_timeout" }, "order-service", origin, 30);
        await monitor.ReceiveAsync(order.Created, order.PaymentRequested, overdue, rejected, order.SentWith("1", 40_000));
        (await StatusAsync(monitor, order)).ShouldBe("ended");

        var late = order.PaymentProcessed.PublishedAt(origin.AddMilliseconds(500));
        var request = late.Causes(new PaymentRefundRequested { OrderId = order.OrderId }, "order-service", origin, 510);
        await monitor.ReceiveAsync(
            late, request, request.Causes(new PaymentRefunded { OrderId = order.OrderId }, "payment-service", origin, 520));
        await monitor.ReceiveAsync(
            request.LifecycleEvent(
                "payment-service",
                LifecycleEventNames.DeadLettered,
                origin.AddMilliseconds(530),
                (HeaderNames.DeadLetterReason, "handler_failed"),
                (HeaderNames.DeadLetterAttempts, 8)));

        var told = (await monitor.GetJsonAsync($"/api/orders/{order.OrderId}")).GetProperty("order");
        (told.GetProperty("status").GetString(), told.GetProperty("outcome").GetString()).ShouldBe(("ended", "rejected"));
        (told.GetProperty("totalMs").GetDouble(), told.GetProperty("events").GetInt32()).ShouldBe((40.0, 8));
    }

    [Fact]
    public async Task Order_of_life_cycle_events_and_events_does_not_matter()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var origin = DateTimeOffset.UtcNow.AddSeconds(-1);
        var (again, discarded) = (OrderEvents.From(origin), OrderEvents.From(origin));

        await monitor.ReceiveAsync(again.Processed.LifecycleEvent(Service, LifecycleEventNames.Replayed, origin.AddMilliseconds(200)));
        await monitor.ReceiveAsync(
            again.Processed.LifecycleEvent(Service, LifecycleEventNames.DeadLettered, origin.AddMilliseconds(300)),
            again.Processed.LifecycleEvent(Service, LifecycleEventNames.DeadLettered, origin.AddMilliseconds(100)));
        await monitor.ReceiveAsync(discarded.Processed.LifecycleEvent(
            Service, LifecycleEventNames.Discarded, origin.AddMilliseconds(400), (HeaderNames.NoticeBy, "alice"),
            (HeaderNames.NoticeReason, "no such customer"), (HeaderNames.NoticeRun, Guid.CreateVersion7().ToString())));
        await monitor.ReceiveAsync(
            discarded.Processed.LifecycleEvent(Service, LifecycleEventNames.DeadLettered, origin.AddMilliseconds(100)));
        await monitor.ReceiveAsync(again.All.SkipLast(1).Concat(discarded.All.SkipLast(1)));

        (await StatusAsync(monitor, again)).ShouldBe("failed");
        (await StatusAsync(monitor, discarded)).ShouldBe("failed");
        (await database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE events = 4 AND user_id = 'user-1'")).ShouldBe(2);
        (await database.ScalarAsync<DateTime>($"SELECT failed_at FROM flows WHERE aggregate_id = '{discarded.OrderId}'"))
            .ShouldBe(origin.AddMilliseconds(100).UtcDateTime, TimeSpan.FromMilliseconds(1));
        (await DecisionsAsync(monitor)).Single().GetProperty("by").GetString().ShouldBe("alice");
    }

    [Fact]
    public async Task Life_cycle_event_about_no_event_is_skipped()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var order = OrderEvents.From(DateTimeOffset.UtcNow);

        await monitor.ReceiveAsync(
            order.Processed.LifecycleEvent(Service, "sold", DateTimeOffset.UtcNow),
            order.Processed.LifecycleEvent(
                Service, LifecycleEventNames.DeadLettered, DateTimeOffset.UtcNow, (HeaderNames.NoticeAt, "soon")),
            order.Processed.LifecycleEvent(
                Service, LifecycleEventNames.DeadLettered, DateTimeOffset.UtcNow, (HeaderNames.OriginTimestamp, "long ago")),
            order.Created.LifecycleEvent(
                Service, LifecycleEventNames.DeadLettered, DateTimeOffset.UtcNow, (HeaderNames.DeadLetterExceptionMessage, "a\0b")));

        (await database.CountAsync("handling")).ShouldBe(1);
        (await database.CountAsync("unreadable")).ShouldBe(0);
        (await database.ScalarAsync<string>("SELECT exception_message FROM handling")).ShouldBe("a\uFFFDb");
    }

    private static async Task<string?> StatusAsync(RunningMonitor monitor, OrderEvents order) =>
        (await monitor.GetJsonAsync($"/api/orders/{order.OrderId}")).GetProperty("order").GetProperty("status").GetString();

    private static async Task<List<JsonElement>> DecisionsAsync(RunningMonitor monitor) =>
        [.. (await monitor.GetJsonAsync("/api/dead-letters/decisions")).GetProperty("decisions").EnumerateArray()];
}
