using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Topology;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

/// <summary>Listeners get copies, and what they listen to says nothing of whether an event has a consumer.</summary>
public sealed class WireTapTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_whose_only_listener_is_a_tap_is_unroutable_and_the_tap_does_not_hear_of_it()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync();
        var (raw, tap) = await TapAsync(bus);

        var failure = await Should.ThrowAsync<PublishException>(
            publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation));

        failure.Reason.ShouldBe(PublishFailure.Unroutable);
        (await raw.CountAsync(tap)).ShouldBe(0u);
    }

    [Fact]
    public async Task A_queue_that_is_deleted_makes_its_events_unroutable_until_it_is_there_again()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        var (raw, _) = await TapAsync(bus);
        await handler.Host.StopAsync(Cancellation);
        await raw.Channel.QueueDeleteAsync(handler.Name, ifUnused: false, ifEmpty: false, cancellationToken: Cancellation);

        (await Should.ThrowAsync<PublishException>(publisher.PublishAsync(new OrderCreated(), cancellationToken: Cancellation))).Reason
            .ShouldBe(PublishFailure.Unroutable);

        await bus.StartHandlerAsync(script);
        await publisher.PublishAsync(new OrderCreated { OrderId = "again" }, cancellationToken: Cancellation);
        await script.SeesAsync(1);
    }

    [Fact]
    public async Task A_tap_gets_an_equal_copy_of_what_its_consumer_gets()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync();
        var (raw, tap) = await TapAsync(bus);
        var queue = await raw.TapAsync($"{bus.Domain}.events");

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        var (original, copy) = (await raw.GetAsync(queue), await raw.GetAsync(tap));
        copy.Exchange.ShouldBe("wire-tap");
        copy.RoutingKey.ShouldBe(bus.Created);
        copy.Body.ToArray().ShouldBe(original.Body.ToArray());
        Everything(copy.BasicProperties).ShouldBe(Everything(original.BasicProperties));
    }

    [Fact]
    public async Task An_event_of_the_outbox_waits_for_its_consumer_although_a_tap_has_heard_of_it()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var service = await bus.StartPublisherAsync();
        var (raw, tap) = await TapAsync(bus);
        var outbox = (IEncodedEventPublisher)service.Host.Services.GetRequiredService<IEventPublisher>();
        var @event = EncodedEvent.Capture(bus.Created, new OrderCreated { OrderId = "o-1" }, Flow.Start());

        var before = (await outbox.PublishAsync([@event], packed: true, Cancellation))[0];
        var queue = await raw.TapAsync($"{bus.Domain}.events");
        var after = (await outbox.PublishAsync([@event], packed: true, Cancellation))[0];

        before.ShouldBeOfType<PublishException>().Reason.ShouldBe(PublishFailure.Unroutable);
        after.ShouldBeNull();
        (await raw.GetAsync(queue)).BasicProperties.MessageId.ShouldBe(@event.Context.EventId.ToString());
        (await raw.GetAsync(tap)).BasicProperties.MessageId.ShouldBe(@event.Context.EventId.ToString());
    }

    [Fact]
    public async Task Events_of_one_type_that_are_published_together_come_to_listeners_in_one_message()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var service = await bus.StartPublisherAsync();
        var (raw, tap) = await TapAsync(bus);
        var queue = await raw.TapAsync($"{bus.Domain}.events");
        var outbox = (IEncodedEventPublisher)service.Host.Services.GetRequiredService<IEventPublisher>();
        EncodedEvent[] events =
        [
            .. Enumerable.Range(0, 100).Select(
                number => EncodedEvent.Capture(bus.Created, new OrderCreated { OrderId = $"o-{number}" }, Flow.Start())),
        ];

        (await outbox.PublishAsync(events, packed: true, Cancellation)).ShouldAllBe(failure => failure == null);

        (await raw.CountAsync(tap)).ShouldBe(2u);
        var copies = PackedMessages.Unpack((await raw.GetAsync(tap)).Body).Concat(PackedMessages.Unpack((await raw.GetAsync(tap)).Body));
        copies.Select(copy => copy.Properties.MessageId).ShouldBe(events.Select(@event => @event.Context.EventId.ToString()));
        (await raw.CountAsync(queue)).ShouldBe(2u);
    }

    private static async Task<(RawClient Raw, string Queue)> TapAsync(TestBus bus)
    {
        var raw = await bus.ConnectRawAsync();
        var queue = (await raw.Channel.QueueDeclareAsync(
            $"tap-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancellation)).QueueName;
        await raw.Channel.QueueBindAsync(queue, WireTapExchange.Exchange, $"{bus.Domain}.#", cancellationToken: Cancellation);
        return (raw, queue);
    }

    private static string Everything(IReadOnlyBasicProperties properties)
    {
        IAmqpWriteable writeable = new BasicProperties(properties);
        var bytes = new byte[writeable.GetRequiredBufferSize()];
        writeable.WriteTo(bytes);
        return Convert.ToHexString(bytes);
    }
}
