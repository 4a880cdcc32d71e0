using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Contracts;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class ConsumerThrottleTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_everything_fails_the_queue_stays_where_it_is_and_when_it_works_again_it_is_handled()
    {
        await using var bus = await TestBus.OnAsync(broker);
        const int orders = 400;
        var broken = true;
        var script = new HandlerScript<OrderCreated>(
            (_, _, _) => Volatile.Read(ref broken) ? throw new TimeoutException("the database is away") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, settings =>
        {
            settings["Messaging:Retries"] = "0";
            settings["Messaging:Concurrency"] = "8";
            settings["Messaging:BrakeMaxPause"] = "00:00:00.200";
        });
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();

        await Task.WhenAll(
            Enumerable.Range(0, orders)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));
        await Wait.UntilAsync("the brake is on", () => handler.Logs.Lines.Any(line => line.EventId == 1011));
        (await handler.HealthAsync()).Entries["messaging"].Status.ShouldBe(HealthStatus.Degraded);
        measured.Observe();
        var whenOn = script.Seen.Count;
        await script.SeesAsync(whenOn + 5);

        Volatile.Write(ref broken, false);
        await Wait.UntilAsync("it is at full speed", () => handler.Logs.Lines.Any(line => line.EventId == 1012));
        await script.SeesAsync(orders);

        // The sample, those that were at work when it was full, and what was let through slowly.
        var raw = await bus.ConnectRawAsync();
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBeInRange(50u, 50u + 8 + 20);
        script.Seen.Count.ShouldBe(orders);
        measured.Observe();
        measured.All.Where(one => one.Instrument == "events.brake.engaged").Select(one => one.Value).ShouldBe([1, 0]);
        await handler.HealthyAsync();
    }

    [Fact]
    public async Task Events_that_fail_for_good_do_not_keep_it_on()
    {
        await using var bus = await TestBus.OnAsync(broker);
        const int orders = 300;
        var broken = true;
        var script = new HandlerScript<OrderCreated>((_, order, _) =>
            Volatile.Read(ref broken) || int.Parse(order.OrderId) % 5 < 2
                ? throw new TimeoutException("the database is away")
                : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, settings =>
        {
            settings["Messaging:RetryDelay"] = "00:00:00.001";
            settings["Messaging:Concurrency"] = "8";
        });
        var publisher = await bus.StartPublisherAsync();

        await Task.WhenAll(
            Enumerable.Range(0, orders)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));
        await Wait.UntilAsync("the brake is on", () => handler.Logs.Lines.Any(line => line.EventId == 1011));
        Volatile.Write(ref broken, false);
        await Wait.UntilAsync("it is at full speed", () => handler.Logs.Lines.Any(line => line.EventId == 1012));

        await Wait.UntilAsync(
            "every order was tried",
            () => script.Seen.Select(seen => seen.Event.OrderId).Distinct(StringComparer.Ordinal).Count() == orders);
        handler.Logs.Lines.Count(line => line.EventId == 1011).ShouldBe(1);
    }

    [Fact]
    public async Task A_few_failures_among_many_successes_do_not_slow_it_down()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>(
            (_, order, _) => int.Parse(order.OrderId) % 5 != 0 ? throw new TimeoutException("most are slow") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:Retries"] = "0");
        var publisher = await bus.StartPublisherAsync();

        await Task.WhenAll(
            Enumerable.Range(0, 300)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));

        await (await bus.ConnectRawAsync()).CountIsAsync($"{handler.Name}.dead-letters", 240);
        handler.Logs.Lines.ShouldNotContain(line => line.EventId == 1011);
    }
}
