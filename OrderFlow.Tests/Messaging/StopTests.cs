using Microsoft.Extensions.Logging;
using OrderFlow.Contracts;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class StopTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_finishes_what_is_being_handled_and_leaves_the_rest_to_the_broker()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var release = new TaskCompletionSource();
        var script = new HandlerScript<OrderCreated>((_, _, _) => release.Task);
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:Concurrency"] = "4");
        var publisher = await bus.StartPublisherAsync();
        await Task.WhenAll(
            Enumerable.Range(0, 20)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));
        await script.SeesAsync(4);

        var stopping = handler.Host.StopAsync(Cancellation);
        await Wait.UntilAsync("the consumer takes no more", () => handler.Logs.Lines.Any(line => line.EventId == 2006));
        stopping.IsCompleted.ShouldBeFalse();
        release.SetResult();
        await stopping;

        script.Seen.Count.ShouldBe(4);
        handler.Logs.Lines
            .Where(line => line.Category.StartsWith("OrderFlow", StringComparison.Ordinal) && line.Level >= LogLevel.Warning)
            .ShouldBeEmpty();
        var raw = await bus.ConnectRawAsync();
        await raw.CountIsAsync(handler.Name, 16);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
    }

    [Fact]
    public async Task A_handler_that_is_cancelled_by_stopping_has_not_failed()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        using var metrics = new MetricRecorder(handler);
        await publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation);
        await script.SeesAsync(1);

        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await handler.Host.StopAsync(hurry.Token);

        var raw = await bus.ConnectRawAsync();
        await raw.CountIsAsync(handler.Name, 1);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
        metrics.Count("events.handled").ShouldBe(0);
        metrics.Count("events.handling.errors").ShouldBe(0);
        metrics.Count("messaging.client.consumed.messages").ShouldBe(0);
        metrics.Count("messaging.process.duration").ShouldBe(0);
        metrics.Sum("events.handler.active").ShouldBe(0);
    }

    [Fact]
    public async Task An_event_that_waits_for_its_retry_does_not_hold_up_stopping()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, _) => throw new InvalidOperationException("no"));
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:RetryDelay"] = "00:01:00");
        var publisher = await bus.StartPublisherAsync();
        await publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation);
        await script.SeesAsync(1);

        await handler.Host.StopAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        await (await bus.ConnectRawAsync()).CountIsAsync(handler.Name, 1);
    }
}
