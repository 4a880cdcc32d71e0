using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class PublishFailureTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_no_queue_is_bound_for_is_unroutable()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();

        var failure = await Should.ThrowAsync<PublishException>(publisher.PublishAsync(new OrderCreated(), context, Cancellation));

        failure.Reason.ShouldBe(PublishFailure.Unroutable);
        failure.Message.ShouldBe(
            $"{bus.Created} {context.EventId} was not published to '{bus.Domain}.events': " +
            "the broker returned it (NO_ROUTE): no queue is bound for it. " +
            "Start the service that handles it, then publish again.");
    }

    [Fact]
    public async Task An_event_that_needs_no_subscriber_is_published_without_one()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync(requireSubscriber: false);

        await publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task In_a_batch_the_unroutable_are_told_apart_from_the_published()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderProcessed>();
        await bus.StartAsync(
            "last",
            wiring => wiring.Handles<OrderProcessed, ScriptedHandler<OrderProcessed>>(),
            register: services => services.AddScript(script));
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>().Publishes<OrderProcessed>());

        var failure = await Should.ThrowAsync<PublishException>(publisher.Publisher.PublishAsync(
            [
                new(new OrderProcessed { OrderId = "1" }, Flow.Start()),
                new(new OrderCreated(), Flow.Start()),
                new(new OrderProcessed { OrderId = "2" }, Flow.Start()),
            ],
            Cancellation));

        failure.Reason.ShouldBe(PublishFailure.Unroutable);
        failure.Message.ShouldStartWith("1 of 3 events were not published.");
        await script.SeesAsync(2);
        script.Seen.Select(seen => seen.Event.OrderId).ShouldBe(["1", "2"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_full_queue_refuses_the_event()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await bus.StartHandlerAsync(new HandlerScript<OrderCreated>());
        await handler.Host.StopAsync(Cancellation);
        await bus.Node.Management.SetPolicyAsync(handler.Name, "max-length", 1);
        var publisher = await bus.StartPublisherAsync();

        // A quorum queue counts behind its back: it takes some more than the policy says before it refuses.
        PublishException? refused = null;
        await Wait.UntilAsync("the full queue refuses", async () =>
        {
            try
            {
                await publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation);
            }
            catch (PublishException failure)
            {
                refused = failure;
            }

            return refused is not null;
        });

        refused!.Reason.ShouldBe(PublishFailure.Nacked);
        refused.Message.ShouldContain("a queue that should get it is full");
    }

    [Fact]
    public async Task Without_a_broker_publishing_fails_fast_and_the_service_runs()
    {
        await using var node = new RabbitNode();
        await using var bus = new TestBus(node);
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>(), waitUntilHealthy: false);
        var since = Stopwatch.GetTimestamp();

        var failure = await Should.ThrowAsync<PublishException>(
            publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation));

        failure.Reason.ShouldBe(PublishFailure.Disconnected);
        failure.Message.ShouldContain($"there is no connection to the broker at 127.0.0.1:{node.Port}");
        Stopwatch.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        var health = await publisher.HealthAsync();
        health.Entries["messaging"].Status.ShouldBe(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
        health.Entries["messaging"].Tags.ShouldBe(["ready"]);
        publisher.Logs.Lines.ShouldAllBe(line => !line.Message.Contains(node.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_frozen_broker_first_times_out_and_then_sheds_what_exceeds_the_window()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>(requireSubscriber: false), settings =>
        {
            settings["Messaging:MaxUnconfirmed"] = "10";
            settings["Messaging:ConfirmTimeout"] = "00:00:00.500";
            settings["Messaging:PublishWait"] = "00:00:00.050";
        });
        await node.FreezeAsync();

        var reasons = await Task.WhenAll(Enumerable.Range(0, 15).Select(async _ =>
        {
            var publishing = publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation);
            return (await Should.ThrowAsync<PublishException>(publishing)).Reason;
        }));

        reasons.Count(reason => reason == PublishFailure.TimedOut).ShouldBe(10);
        reasons.Count(reason => reason == PublishFailure.Overloaded).ShouldBe(5);

        await node.ThawAsync();
        await Wait.UntilAsync(
            "publishing succeeds again",
            () => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)
                .ContinueWith(done => done.IsCompletedSuccessfully, TaskScheduler.Default));
    }

    [Fact]
    public async Task A_broker_that_blocks_publishers_is_overloaded_until_it_unblocks()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>(requireSubscriber: false), settings =>
            settings["Messaging:ConfirmTimeout"] = "00:00:00.500");
        await node.ControlAsync("set_vm_memory_high_watermark", "0.000001");

        // The alarm blocks a connection when it next publishes; that event waits in vain, all others are turned away.
        await Wait.UntilAsync("publishing is turned away", async () =>
        {
            try
            {
                await publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation);
                return false;
            }
            catch (PublishException failure)
            {
                return failure.Reason == PublishFailure.Overloaded;
            }
        });

        await node.ControlAsync("set_vm_memory_high_watermark", "0.6");
        await Wait.UntilAsync(
            "publishing succeeds again",
            () => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)
                .ContinueWith(done => done.IsCompletedSuccessfully, TaskScheduler.Default));
    }

    [Fact]
    public async Task An_event_that_the_service_does_not_declare_is_not_published()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync();

        var mistake = await Should.ThrowAsync<InvalidOperationException>(
            publisher.PublishAsync(new OrderProcessed(), cancellationToken: Cancellation));

        mistake.Message.ShouldBe(
            $"{publisher.Name} does not publish orderflow.events.OrderProcessed. "
            + "Add .Publishes<OrderProcessed>() where the service calls AddMessaging.");
    }

    [Fact]
    public async Task A_context_that_AMQP_cannot_carry_is_refused_before_anything_is_sent()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync(requireSubscriber: false);

        var mistake = await Should.ThrowAsync<ArgumentException>(publisher.PublishAsync(
            new OrderCreated(), Flow.Start() with { CorrelationId = new string('ä', 128) }, Cancellation));

        mistake.Message.ShouldStartWith("CorrelationId is too long to travel with an event: 256 bytes, at most 255 are allowed.");
        await publisher.PublishAsync(new OrderCreated(), Flow.Start() with { CorrelationId = new string('ä', 127) }, Cancellation);
    }
}
