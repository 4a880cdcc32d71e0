using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Tests.Messaging;

/// <summary>
/// What the broker itself takes out of a service's queue becomes a dead letter as any other: with its reason and a life-cycle event,
/// and counted.
/// </summary>
public sealed class UndeliveredTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rejected")]
    [InlineData("expired")]
    [InlineData("delivery_limit")]
    public async Task It_is_dead_lettered_told_of_and_counted(string reason)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        await (await bus.StartHandlerAsync(script)).Host.StopAsync(Cancellation);
        var (raw, service) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));
        var ears = (await raw.Channel.QueueDeclareAsync(
            $"ears-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancellation)).QueueName;
        await raw.Channel.QueueBindAsync(ears, LifecycleEventNames.Exchange, $"{service}.#", cancellationToken: Cancellation);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();
        if (reason == "expired")
        {
            await bus.Node.Management.SetPolicyAsync(service, "message-ttl", 1);
        }

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await GiveUpAsync(raw, service, reason);
        await raw.CountIsAsync($"{service}.undelivered", 1);

        var again = await bus.StartHandlerAsync(script, waitUntilHealthy: false);
        using var measured = new MetricRecorder(again);

        (await raw.GetAsync(ears)).RoutingKey.ShouldBe($"{service}.dead-lettered");
        var letter = (await raw.GetAsync($"{service}.dead-letters")).BasicProperties;
        letter.MessageId.ShouldBe(context.EventId.ToString());
        letter.Text(HeaderNames.DeadLetterReason).ShouldBe(reason);
        letter.Text(HeaderNames.DeadLetterHandler).ShouldBe("ScriptedHandler`1");
        letter.Text(HeaderNames.DeadLetterExceptionMessage).ShouldNotBeNull().ShouldContain(service);
        await raw.CountIsAsync($"{service}.undelivered", 0);
        script.Seen.ShouldBeEmpty();
        await Wait.UntilAsync(
            "it is counted",
            () => measured.TagsOf("events.dead_lettered").Any(tags => tags.Contains($"reason={reason}", StringComparison.Ordinal)));
    }

    private static async Task GiveUpAsync(RawClient raw, string service, string reason)
    {
        switch (reason)
        {
            case "rejected":
                var got = await raw.Channel.BasicGetAsync(service, autoAck: false, Cancellation);
                await raw.Channel.BasicRejectAsync(got!.DeliveryTag, requeue: false, Cancellation);
                break;
            case "delivery_limit":
                var killer = new AsyncEventingBasicConsumer(raw.Channel);
                killer.ReceivedAsync += async (_, delivery) => await raw.Channel.BasicNackAsync(
                    delivery.DeliveryTag, multiple: false, requeue: true);
                var tag = await raw.Channel.BasicConsumeAsync(service, autoAck: false, killer, Cancellation);
                await raw.CountIsAsync($"{service}.undelivered", 1);
                await raw.Channel.BasicCancelAsync(tag, cancellationToken: Cancellation);
                break;
        }
    }
}
