using System.Collections.Concurrent;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class RecoveryTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_killed_and_back_loses_no_confirmed_event()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        var confirmed = new ConcurrentBag<string>();
        var failures = new ConcurrentBag<PublishFailure>();
        using var enough = new CancellationTokenSource();
        var publishing = Enumerable.Range(0, 8).Select(lane => Task.Run(() => PublishAsync(lane), Cancellation)).ToArray();

        await Wait.UntilAsync("some are confirmed", () => confirmed.Count > 500);
        await node.KillAsync();
        await Wait.UntilAsync("publishing fails", () => failures.Contains(PublishFailure.Disconnected));
        var before = confirmed.Count;
        await node.StartAsync();
        await Wait.UntilAsync("publishing succeeds again", () => confirmed.Count > before + 500);
        await enough.CancelAsync();
        await Task.WhenAll(publishing);

        await Wait.UntilAsync(
            "everything confirmed is handled",
            () => confirmed.Except(script.Seen.Select(seen => seen.Event.OrderId), StringComparer.Ordinal).Any() is false);
        failures.ShouldAllBe(failure => failure == PublishFailure.Disconnected);
        await handler.HealthyAsync();
        await publisher.HealthyAsync();
        var raw = await bus.ConnectRawAsync();
        await raw.CountIsAsync(handler.Name, 0);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);

        async Task PublishAsync(int lane)
        {
            for (var n = 0; !enough.IsCancellationRequested; n++)
            {
                var id = $"{lane}-{n}";
                try
                {
                    await publisher.PublishAsync(new OrderCreated { OrderId = id }, cancellationToken: Cancellation);
                    confirmed.Add(id);
                }
                catch (PublishException failure)
                {
                    failures.Add(failure.Reason);
                }
            }
        }
    }

    [Theory]
    [InlineData("consumer")]
    [InlineData("publisher")]
    public async Task A_connection_closed_by_an_operator_comes_back(string which)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var processed = new HandlerScript<OrderProcessed>();
        await bus.StartAsync(
            "last",
            wiring => wiring.Handles<OrderProcessed, ScriptedHandler<OrderProcessed>>(),
            register: services => services.AddScript(processed));
        var handler = await bus.StartHandlerAsync(new HandlerScript<OrderCreated>((context, order, cancellation) =>
            context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellation)));
        var publisher = await bus.StartPublisherAsync();

        await bus.Node.Management.CloseConnectionAsync($"{handler.Name}:{which}");
        await Task.WhenAll(
            Enumerable.Range(0, 200)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));

        await Wait.UntilAsync(
            "all are processed", () => processed.Seen.Select(seen => seen.Event.OrderId).Distinct(StringComparer.Ordinal).Count() == 200);
        await handler.HealthyAsync();
        (await (await bus.ConnectRawAsync()).CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
    }

    [Fact]
    public async Task A_service_started_before_its_broker_works_when_the_broker_comes()
    {
        await using var node = new RabbitNode();
        await using var bus = new TestBus(node);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartAsync(
            "handler", wiring => wiring.Publishes<OrderCreated>().Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
            register: services => services.AddScript(script), waitUntilHealthy: false);

        await node.StartAsync();
        await handler.HealthyAsync();
        await Wait.UntilAsync(
            "an event is taken",
            () => handler.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)
                .ContinueWith(done => done.IsCompletedSuccessfully, TaskScheduler.Default));

        await script.SeesAsync(1);
        handler.Logs.Lines.Count(line => line.EventId == 2002).ShouldBe(2, "an outage is told once per connection");
    }

    [Fact]
    public async Task A_deleted_queue_is_declared_again()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        var raw = await bus.ConnectRawAsync();

        await raw.Channel.QueueDeleteAsync(handler.Name, cancellationToken: Cancellation);
        await Wait.UntilAsync(
            "an event is taken",
            () => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)
                .ContinueWith(done => done.IsCompletedSuccessfully, TaskScheduler.Default));

        await script.SeesAsync(1);
    }

    [Fact]
    public async Task A_deleted_dead_letter_queue_is_declared_again_before_a_message_is_given_up()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await bus.StartHandlerAsync(new HandlerScript<OrderCreated>());
        var raw = await bus.ConnectRawAsync();

        await raw.Channel.QueueDeleteAsync($"{handler.Name}.dead-letters", cancellationToken: Cancellation);
        await raw.SendAsync(handler.Name, new BasicProperties { Type = "no.such" }, "keep me"u8.ToArray());

        await Wait.UntilAsync("it is dead-lettered", () => handler.Logs.Lines.Any(line => line.EventId == 1005));
        (await raw.GetAsync($"{handler.Name}.dead-letters")).Body.ToArray().ShouldBe("keep me"u8.ToArray());
    }

    [Fact]
    public async Task A_handler_that_cannot_publish_waits_for_the_broker_instead_of_failing()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var processed = new HandlerScript<OrderProcessed>();
        var last = await bus.StartAsync(
            "last",
            wiring => wiring.Handles<OrderProcessed, ScriptedHandler<OrderProcessed>>(),
            register: services => services.AddScript(processed));
        await last.Host.StopAsync(Cancellation);
        await bus.Node.Management.SetPolicyAsync(last.Name, "max-length", 1);
        var handler = await bus.StartHandlerAsync(
            new HandlerScript<OrderCreated>(
                (context, order, cancellation) => context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellation)),
            settings => settings["Messaging:RetryDelay"] = "00:00:00.001");
        var publisher = await bus.StartPublisherAsync();

        await Task.WhenAll(
            Enumerable.Range(0, 500)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation)));
        await Wait.UntilAsync("handlers wait for room", () => handler.Logs.Lines.Count(line => line.EventId == 1006) > 100);
        await bus.Node.Management.SetPolicyAsync(last.Name, "max-length", 100_000);

        var raw = await bus.ConnectRawAsync();
        await Wait.UntilAsync("all have found room", async () => await raw.CountAsync(last.Name) >= 500);
        await handler.Host.StopAsync(Cancellation);
        (await raw.CountAsync(handler.Name)).ShouldBe(0u);
        (await raw.CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
    }
}
