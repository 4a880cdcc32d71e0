using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class DelayedRetryTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tiers_are_used_in_order_and_then_the_event_is_dead_lettered_once()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var times = new ConcurrentQueue<long>();
        var script = new HandlerScript<OrderCreated>((_, _, _) =>
        {
            times.Enqueue(TimeProvider.System.GetTimestamp());
            throw new InvalidOperationException("out of stock");
        });
        var handler = await bus.StartHandlerAsync(script, Tiers("200ms,400ms"));
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start() with { AggregateId = "o-1" };

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);

        var raw = await bus.ConnectRawAsync();
        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        var at = times.ToArray();
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2, 3, 4, 5, 6]);
        script.Seen.Select(seen => seen.Context with { Attempt = 1 }).Distinct().Count().ShouldBe(1, "everything but the attempt stays");
        // A tenth of jitter, and a broker that counts in milliseconds.
        TimeProvider.System.GetElapsedTime(at[1], at[2]).TotalMilliseconds.ShouldBeGreaterThan(178);
        TimeProvider.System.GetElapsedTime(at[3], at[4]).TotalMilliseconds.ShouldBeGreaterThan(358);
        dead.BasicProperties.MessageId.ShouldBe(context.EventId.ToString());
        dead.BasicProperties.CorrelationId.ShouldBe(context.CorrelationId);
        dead.BasicProperties.AppId.ShouldBe(publisher.Name);
        dead.BasicProperties.Value(HeaderNames.OriginTimestamp).ShouldBe(context.OriginTimestampMicros);
        dead.BasicProperties.Value(HeaderNames.RetryTier).ShouldBe(1);
        dead.BasicProperties.Value(HeaderNames.DeadLetterAttempts).ShouldBe(6);
        dead.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.HandlerFailed);
        await raw.CountIsAsync(handler.Name, 0);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
        measured.Sum("events.retry.queued").ShouldBe(2);
        measured.Sum("events.retried").ShouldBe(5);
        measured.Sum("events.retry.failed").ShouldBe(1);
        measured.Sum("events.handled").ShouldBe(1);
        measured.Sum("events.dead_lettered").ShouldBe(1);
    }

    [Fact]
    public async Task A_message_waits_in_its_tier_with_the_reason_of_its_failure_and_is_counted_there()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, _) => throw new InvalidOperationException("out of stock"));
        var handler = await bus.StartHandlerAsync(
            script, Tiers("1h", more: settings => settings["Messaging:QueueSizePeriod"] = "00:00:00.100"));
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);

        await Wait.UntilAsync(
            "the waiting one is counted", () => measured.All.Any(one => one.Instrument == "events.retry.queue.size" && one.Value == 1));
        measured.TagsOf("events.retry.queue.size").ShouldBe([$"queue={handler.Name}.retry.1h"]);
        var raw = await bus.ConnectRawAsync();
        var waiting = await raw.GetAsync($"{handler.Name}.retry.1h");
        var properties = waiting.BasicProperties;
        properties.MessageId.ShouldBe(context.EventId.ToString());
        properties.Value(HeaderNames.Attempt).ShouldBe(3);
        properties.Value(HeaderNames.RetryTier).ShouldBe(0);
        properties.Text(HeaderNames.RetryExceptionType).ShouldBe("System.InvalidOperationException");
        properties.Text(HeaderNames.RetryExceptionMessage).ShouldBe("out of stock");
        properties.Text(HeaderNames.RetryHandler).ShouldBe(typeof(ScriptedHandler<OrderCreated>).Name);
        properties.Text(HeaderNames.RetryStackHash).ShouldNotBeNull().ShouldMatch("^[0-9a-f]{16}$");
        int.Parse(properties.Expiration.ShouldNotBeNull()).ShouldBeInRange(3_240_000, 3_600_000);
        await raw.CountIsAsync(handler.Name, 0);
    }

    [Fact]
    public async Task A_later_success_knows_that_it_is_a_retry_and_nobody_is_told_of_a_dead_letter()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var told = new ConcurrentQueue<string>();
        var script = new HandlerScript<OrderCreated>(
            (context, _, _) => context.Event.Attempt < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(
            script, Tiers("100ms"),
            register: services => services.AddSingleton(told).AddSingleton<IDeadLetterObserver<OrderCreated>, Observer>());
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        await Wait.UntilAsync("it is handled", () => handler.Logs.Lines.Any(line => line.EventId == 1002));
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2, 3]);
        told.ShouldBeEmpty();
        (await (await bus.ConnectRawAsync()).CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_permanent_failure_is_dead_lettered_at_once(bool declared)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, _) =>
            throw (declared ? new KeyNotFoundException("no such product") : new PermanentFailureException("no such product")));
        var handler = await bus.StartAsync(
            "handler",
            wiring => wiring.Handles<OrderCreated, ScriptedHandler<OrderCreated>>(retry => retry.PermanentOn<KeyNotFoundException>()),
            Tiers("100ms"),
            services => services.AddScript(script));
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        var dead = await (await bus.ConnectRawAsync()).GetAsync($"{handler.Name}.dead-letters");
        script.Seen.Count.ShouldBe(1);
        dead.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.PermanentFailure);
        dead.BasicProperties.Value(HeaderNames.DeadLetterAttempts).ShouldBe(1);
        await Wait.UntilAsync("it is counted", () => measured.Count("events.handled") == 1);
        measured.TagsOf("events.dead_lettered").Single().ShouldContain("reason=permanent_failure");
        measured.Count("events.retry.failed").ShouldBe(0);
    }

    [Fact]
    public async Task A_handler_may_have_tiers_of_its_own()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, _) => throw new InvalidOperationException("always"));
        var handler = await bus.StartAsync(
            "handler",
            wiring => wiring.Handles<OrderCreated, ScriptedHandler<OrderCreated>>(retry => retry.After(TimeSpan.FromMilliseconds(150))),
            Tiers("1h"),
            services => services.AddScript(script));
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        await (await bus.ConnectRawAsync()).GetAsync($"{handler.Name}.dead-letters");
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2, 3, 4]);
        handler.Host.Services.GetRequiredService<MessagingWiring>().Describe().ShouldNotContain("retry.1h");
        Should.Throw<ArgumentException>(() => new RetryPolicyBuilder().After(TimeSpan.FromDays(2))).Message.ShouldContain(
            "from 50 ms to 24 h");
    }

    [Fact]
    public async Task An_event_that_the_broker_once_moved_out_of_the_queue_comes_back_to_it_all_the_same()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>(
            (context, _, _) => context.Event.Attempt < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, Tiers("100ms"));
        var raw = await bus.ConnectRawAsync();
        var message = Garbage.Good(bus);
        // As the broker writes it; by this it takes the way back for a circle, and would drop the message.
        message.Headers!["x-death"] = new List<object?>
        {
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["queue"] = handler.Name, ["exchange"] = "", ["reason"] = "expired", ["count"] = 1L,
                ["routing-keys"] = new List<object?> { handler.Name },
            },
        };

        await raw.SendAsync(handler.Name, message, default);

        await script.SeesAsync(3);
        script.Seen.Select(seen => seen.Context.Attempt).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Nothing_is_lost_when_the_broker_is_killed_while_events_wait_in_a_tier()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        const int orders = 100;
        var script = new HandlerScript<OrderCreated>(
            (context, _, _) => context.Event.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, settings =>
        {
            settings["Messaging:Retries"] = "0";
            settings["Messaging:RetryTiers"] = "3s";
            settings["Messaging:BrakeAtFailureRate"] = "2";
        });
        var publisher = await bus.StartPublisherAsync();

        await Task.WhenAll(
            Enumerable.Range(0, orders)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));
        await Wait.UntilAsync("all wait in the tier", () => handler.Logs.Lines.Count(line => line.EventId == 1010) >= orders);
        await node.KillAsync();
        await node.StartAsync();

        await Wait.UntilAsync(
            () => "every event is retried",
            () => Task.FromResult(Retried() == orders));
        await (await bus.ConnectRawAsync()).CountIsAsync($"{handler.Name}.retry.3s", 0);
        (await (await bus.ConnectRawAsync()).CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);

        int Retried() => script.Seen.Where(seen => seen.Context.Attempt > 1)
            .Select(seen => seen.Event.OrderId).Distinct(StringComparer.Ordinal).Count();
    }

    private static Action<Dictionary<string, string?>> Tiers(string tiers, Action<Dictionary<string, string?>>? more = null) => settings =>
    {
        settings["Messaging:Retries"] = "1";
        settings["Messaging:RetryDelay"] = "00:00:00.005";
        settings["Messaging:RetryTiers"] = tiers;
        more?.Invoke(settings);
    };

    private sealed class Observer(ConcurrentQueue<string> told) : IDeadLetterObserver<OrderCreated>
    {
        public void OnDeadLettered(EventContext context, OrderCreated @event, Exception exception) => told.Enqueue(@event.OrderId);
    }
}
