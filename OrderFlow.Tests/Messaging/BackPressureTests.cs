using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class BackPressureTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_whose_publishing_is_blocked_handles_and_acknowledges_on_and_says_so()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new HandlerScript<OrderCreated>((_, _, cancellationToken) => hold.Task.WaitAsync(cancellationToken));
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:ConfirmTimeout"] = "00:00:00.500");
        var publisher = await bus.StartPublisherAsync();
        for (var n = 0; n < 100; n++)
        {
            await publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, cancellationToken: Cancellation);
        }

        await node.ControlAsync("set_vm_memory_high_watermark", "0.000001");
        await Wait.UntilAsync(
            "the handler's publishing is turned away",
            async () => await ReasonAsync(() => handler.PublishAsync(new OrderProcessed(), cancellationToken: Cancellation))
                == PublishFailure.Overloaded);
        hold.SetResult();

        await script.SeesAsync(100);
        var raw = await bus.ConnectRawAsync();
        await raw.CountIsAsync(handler.Name, 0);
        var health = (await handler.HealthAsync()).Entries["messaging"];
        (health.Status, health.Description).ShouldBe(
            (
                HealthStatus.Degraded,
                "the broker has blocked publishers for want of memory or disk; nothing can be published until it has some"));
        handler.Logs.Lines.ShouldContain(line => line.EventId == 2008 && line.Message.Contains("memory", StringComparison.Ordinal));

        await node.ControlAsync("set_vm_memory_high_watermark", "0.6");
        await handler.HealthyAsync();
        // Nothing was left unacknowledged either: a connection that ends gives nothing back.
        await handler.Host.StopAsync(Cancellation);
        await raw.CountIsAsync(handler.Name, 0);
    }

    [Fact]
    public async Task A_queue_whose_limit_is_taken_away_while_it_is_full_gets_events_again()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new HandlerScript<OrderCreated>((_, _, cancellationToken) => hold.Task.WaitAsync(cancellationToken));
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:Prefetch"] = "10");
        var publisher = await bus.StartPublisherAsync();
        await bus.Node.Management.SetPolicyAsync(handler.Name, "max-length", 5);
        await Wait.UntilAsync(
            "the queue is full",
            async () => await ReasonAsync(() => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation))
                == PublishFailure.Nacked);

        // RabbitMQ signals the channels that it refused when there is room below the limit, and never when there is no limit any more.
        await bus.Node.Management.DeletePolicyAsync(handler.Name);
        hold.SetResult();

        await Wait.UntilAsync(
            "the queue is refused for good",
            async () => await ReasonAsync(() => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)) is null,
            TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_broker_that_accepts_connections_and_never_answers_is_turned_away_from_at_once()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>(), settings =>
        {
            settings["ConnectionStrings:messaging"] = $"amqp://user:secret@127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
            settings["Messaging:PublishWait"] = "00:00:00.100";
        }, waitUntilHealthy: false);

        var publishing = Enumerable.Range(0, 200)
            .Select(_ => ReasonAsync(() => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)));
        var failures = await Task.WhenAll(publishing).WaitAsync(Wait.Long, Cancellation);

        failures.ShouldAllBe(reason => reason == PublishFailure.Disconnected);
        (await publisher.HealthAsync()).Entries["messaging"].Status.ShouldBe(HealthStatus.Unhealthy);
        await publisher.Host.StopAsync(Cancellation).WaitAsync(Wait.Long, Cancellation);
    }

    [Fact]
    public async Task What_waits_for_its_confirm_is_bounded_however_many_publish()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        const int window = 50;
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>(requireSubscriber: false), settings =>
        {
            settings["Messaging:MaxUnconfirmed"] = $"{window}";
            settings["Messaging:ConfirmTimeout"] = "00:00:01";
            settings["Messaging:PublishWait"] = "00:00:00.050";
        });
        await node.FreezeAsync();

        var publishing = Enumerable.Range(0, 5000)
            .Select(_ => ReasonAsync(() => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)));
        var reasons = await Task.WhenAll(publishing).WaitAsync(Wait.Long, Cancellation);

        reasons.Count(reason => reason == PublishFailure.TimedOut).ShouldBe(window);
        reasons.Count(reason => reason == PublishFailure.Overloaded).ShouldBe(5000 - window);
        await node.ThawAsync();
        await Wait.UntilAsync(
            "publishing succeeds again",
            async () => await ReasonAsync(() => publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation)) is null);
    }

    private static async Task<PublishFailure?> ReasonAsync(Func<Task> publish)
    {
        try
        {
            await publish();
            return null;
        }
        catch (PublishException failure)
        {
            return failure.Reason;
        }
    }
}
