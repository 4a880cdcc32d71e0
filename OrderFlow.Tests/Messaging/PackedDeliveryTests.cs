using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

/// <summary>
/// Events that one transaction publishes travel in one message. Every promise holds for each of them: handled, retried and dead-lettered by
/// itself, and none is lost when another fails or the consumer ends.
/// </summary>
public sealed class PackedDeliveryTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_handled_and_the_message_is_acknowledged_once_all_are()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, order, aborting) =>
            order.OrderId == "o-2" ? Task.Delay(Timeout.Infinite, aborting) : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script);
        var (raw, queue) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));

        var events = await PublishAsync(bus, 3);
        await script.SeesAsync(3);
        script.Seen.Select(seen => seen.Context.EventId).ShouldBe(events.Select(one => one.Context.EventId), ignoreOrder: true);
        await EndAsync(handler);

        // One was not done: all three come back, in their message.
        await raw.CountIsAsync(queue, 1);
        PackedMessages.IsPacked((await raw.GetAsync(queue)).BasicProperties).ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_fails_becomes_a_dead_letter_alone()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, order, _) =>
            order.OrderId == "o-1" ? throw new PermanentFailureException("bad") : Task.CompletedTask);
        await bus.StartHandlerAsync(script);
        var (raw, queue) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));

        var events = await PublishAsync(bus, 3);

        var letter = await raw.GetAsync($"{queue}.dead-letters");
        letter.BasicProperties.MessageId.ShouldBe(events[1].Context.EventId.ToString());
        letter.BasicProperties.ContentType.ShouldBe("application/protobuf");
        OrderCreated.Parser.ParseFrom(letter.Body.Span).OrderId.ShouldBe("o-1");
        await raw.CountIsAsync(queue, 0);
        await raw.CountIsAsync($"{queue}.dead-letters", 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_message_that_came_back_is_sent_singly_from_the_second_time_on(int times)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((_, _, aborting) => Task.Delay(Timeout.Infinite, aborting));
        await (await bus.StartHandlerAsync(script)).Host.StopAsync(Cancellation);
        var (raw, queue) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));
        await PublishAsync(bus, 3);
        await ComeBackAsync(raw, queue, times);

        var handler = await bus.StartHandlerAsync(script);
        await script.SeesAsync(3);
        await EndAsync(handler);

        script.Seen.Select(seen => seen.Event.OrderId).Distinct().Order(StringComparer.Ordinal).ShouldBe(["o-0", "o-1", "o-2"]);
        await raw.CountIsAsync(queue, times == 1 ? 1u : 3u);
    }

    [Fact]
    public async Task A_service_that_keeps_an_order_gets_them_singly()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        await bus.StartAsync(
            "handler",
            wiring => wiring.Handles<OrderCreated, ScriptedHandler<OrderCreated>>().HandlesInOrder(2),
            register: services => services.AddSingleton(script));

        await PublishAsync(bus, 10);
        await script.SeesAsync(10);

        script.Seen.Select(seen => seen.Event.OrderId).Distinct().Count().ShouldBe(10);
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("delivery_limit")]
    public async Task What_the_broker_gives_up_becomes_a_dead_letter_each(string reason)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        await (await bus.StartHandlerAsync(script)).Host.StopAsync(Cancellation);
        var (raw, queue) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));
        var events = await PublishAsync(bus, 3);
        while (await raw.Channel.BasicGetAsync(queue, autoAck: false, Cancellation) is { } got)
        {
            await raw.Channel.BasicRejectAsync(got.DeliveryTag, requeue: reason == "delivery_limit", Cancellation);
        }

        await raw.CountIsAsync($"{queue}.undelivered", 1);

        await bus.StartHandlerAsync(script, waitUntilHealthy: false);

        var letters = new List<IReadOnlyBasicProperties>();
        for (var letter = 0; letter < 3; letter++)
        {
            letters.Add((await raw.GetAsync($"{queue}.dead-letters")).BasicProperties);
        }

        letters.Select(letter => letter.MessageId).ShouldBe(events.Select(one => one.Context.EventId.ToString()), ignoreOrder: true);
        letters.ShouldAllBe(letter => letter.Text(HeaderNames.DeadLetterReason) == reason);
        script.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_nobody_can_unpack_is_a_dead_letter_that_says_why()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await bus.StartHandlerAsync(new HandlerScript<OrderCreated>());
        var (raw, queue) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));

        var properties = new BasicProperties { Type = bus.Created, ContentType = PackedMessages.ContentType };
        await raw.Channel.BasicPublishAsync("", queue, mandatory: true, properties, new byte[] { 1, 2, 3 }, Cancellation);

        var letter = (await raw.GetAsync($"{queue}.dead-letters")).BasicProperties;
        letter.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.UndecodableBody);
        letter.Text(HeaderNames.DeadLetterExceptionMessage).ShouldNotBeNull().ShouldContain("packed messages");
    }

    [Theory]
    [InlineData(64, true, true)]
    [InlineData(64, false, false)]
    [InlineData(1, true, false)]
    public async Task Events_without_an_outbox_go_together_when_the_broker_does_not_keep_up_and_each_is_handled_once(
        int mostPacked, bool anyOrder, bool together)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        await (await bus.StartHandlerAsync(script)).Host.StopAsync(Cancellation);
        var (raw, queue) = (await bus.ConnectRawAsync(), bus.NameOf("handler"));
        var service = await bus.StartAsync(
            "publisher", wiring => (anyOrder ? wiring.PublishesInAnyOrder() : wiring).Publishes<OrderCreated>(),
            settings => settings["Messaging:MostPacked"] = $"{mostPacked}");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(number => service.Publisher.PublishAsync(
            new OrderCreated { OrderId = $"o-{number}" }, Flow.Start() with { AggregateId = $"o-{number}" }, Cancellation)));

        var messages = await raw.Channel.MessageCountAsync(queue, Cancellation);
        (messages < 500).ShouldBe(together);
        await bus.StartHandlerAsync(script);
        await script.SeesAsync(500);
        script.Seen.Select(seen => seen.Event.OrderId).ToHashSet().Count.ShouldBe(500);
    }

    [Fact]
    public async Task With_a_limit_of_one_each_event_is_a_message()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await (await bus.StartHandlerAsync(new HandlerScript<OrderCreated>())).Host.StopAsync(Cancellation);

        await PublishAsync(bus, 3, settings => settings["Messaging:MostPacked"] = "1");

        await (await bus.ConnectRawAsync()).CountIsAsync(bus.NameOf("handler"), 3);
    }

    private static async Task<EncodedEvent[]> PublishAsync(
        TestBus bus, int count, Action<Dictionary<string, string?>>? configure = null)
    {
        var service = await bus.StartPublisherAsync(configure: configure);
        EncodedEvent[] events =
        [
            .. Enumerable.Range(0, count).Select(number => EncodedEvent.Capture(
                bus.Created, new OrderCreated { OrderId = $"o-{number}" }, Flow.Start() with { AggregateId = $"o-{number}" })),
        ];
        var failures = await service.Host.Services.GetRequiredService<IEncodedEventPublisher>().PublishAsync(
            events, packed: true, Cancellation);
        failures.ShouldAllBe(failure => failure == null);
        return events;
    }

    /// <summary>What is being handled is given up, and the broker's again.</summary>
    private static async Task EndAsync(TestService service)
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await service.Host.StopAsync(hurry.Token);
    }

    private static async Task ComeBackAsync(RawClient raw, string queue, int times)
    {
        for (var delivery = 0; delivery < times; delivery++)
        {
            await raw.CountIsAsync(queue, 1);
            var got = (await raw.Channel.BasicGetAsync(queue, autoAck: false, Cancellation))!;
            await raw.Channel.BasicNackAsync(got.DeliveryTag, multiple: false, requeue: true, Cancellation);
        }
    }
}
