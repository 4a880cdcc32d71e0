using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class DeadLetterTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_that_fails_once_is_tried_again_and_told_so()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>(
            (context, _, _) => context.Event.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        await script.SeesAsync(2);
        var raw = await bus.ConnectRawAsync();
        await handler.Host.StopAsync(Cancellation);
        (await raw.CountAsync(handler.Name)).ShouldBe(0u);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task An_event_whose_handler_always_fails_is_dead_lettered_whole_with_the_reason()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, _) => throw new InvalidOperationException("out of stock"));
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:RetryDelay"] = "00:00:00.005");
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start() with { AggregateId = "o-9" };
        var before = UnixMicroseconds.From(DateTimeOffset.UtcNow);

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-9", UserId = "u" }, context, Cancellation);

        var raw = await bus.ConnectRawAsync();
        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2, 3, 4]);
        OrderCreated.Parser.ParseFrom(dead.Body.Span).ShouldBe(new OrderCreated { OrderId = "o-9", UserId = "u" });
        var properties = dead.BasicProperties;
        properties.MessageId.ShouldBe(context.EventId.ToString());
        properties.CorrelationId.ShouldBe(context.CorrelationId);
        properties.Type.ShouldBe(bus.Created);
        properties.AppId.ShouldBe(publisher.Name);
        properties.Persistent.ShouldBeTrue();
        properties.Value(HeaderNames.OriginTimestamp).ShouldBe(context.OriginTimestampMicros);
        properties.Value(HeaderNames.Attempt).ShouldBe(1);
        properties.Text(HeaderNames.AggregateId).ShouldBe("o-9");
        properties.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.HandlerFailed);
        properties.Text(HeaderNames.DeadLetterExceptionType).ShouldBe("System.InvalidOperationException");
        properties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe("out of stock");
        properties.Value(HeaderNames.DeadLetterAttempts).ShouldBe(4);
        properties.Text(HeaderNames.DeadLetterStackHash).ShouldNotBeNull().ShouldMatch("^[0-9a-f]{16}$");
        properties.Text(HeaderNames.DeadLetterHandler).ShouldBe(typeof(ScriptedHandler<OrderCreated>).Name);
        properties.Text(HeaderNames.DeadLetterQueue).ShouldBe(handler.Name);
        properties.Value(HeaderNames.DeadLetteredAt).ShouldBeOfType<long>().ShouldBeInRange(
            before, UnixMicroseconds.From(DateTimeOffset.UtcNow));
        await raw.CountIsAsync(handler.Name, 0);
    }

    [Fact]
    public async Task Observers_are_told_once_of_a_dead_letter_and_cannot_spoil_it()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var told = new ConcurrentQueue<string>();
        var handler = await bus.StartAsync(
            "handler",
            wiring => wiring.Handles<OrderCreated, FailingObserver>(),
            settings => settings["Messaging:Retries"] = "0",
            services => services.AddSingleton(told).AddSingleton<IDeadLetterObserver<OrderCreated>, ThrowingObserver>());
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);

        await Wait.UntilAsync("the handler is told", () => !told.IsEmpty);
        await handler.Host.StopAsync(Cancellation);
        told.ShouldBe([$"o-1 {context.EventId} after attempt 1: broken"]);
        handler.Logs.Lines.Count(line => line.EventId == 1009).ShouldBe(1);
        var raw = await bus.ConnectRawAsync();
        (await raw.CountAsync(handler.Name)).ShouldBe(0u);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(1u);
    }

    private sealed class FailingObserver(ConcurrentQueue<string> told) : IEventHandler<OrderCreated>, IDeadLetterObserver<OrderCreated>
    {
        public Task HandleAsync(IHandlingContext context, OrderCreated @event, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("broken");

        public void OnDeadLettered(EventContext context, OrderCreated @event, Exception exception) =>
            told.Enqueue($"{@event.OrderId} {context.EventId} after attempt {context.Attempt}: {exception.Message}");
    }

    private sealed class ThrowingObserver : IDeadLetterObserver<OrderCreated>
    {
        public void OnDeadLettered(EventContext context, OrderCreated @event, Exception exception) =>
            throw new NotSupportedException("the observer's own fault");
    }
}
