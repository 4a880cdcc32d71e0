using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class SendAndReceiveTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_reaches_its_handler_as_it_was_published()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        var order = new OrderCreated { OrderId = "o-1", UserId = "u-1", Lines = { new OrderLine { ItemId = "i-1", Quantity = 3 } } };
        var context = Flow.Start() with { AggregateId = "o-1", TenantId = "tenant-1", UserId = "Zoë", CausationId = Guid.CreateVersion7() };

        await publisher.PublishAsync(order, context, Cancellation);

        await script.SeesAsync(1);
        script.Seen.TryPeek(out var seen).ShouldBeTrue();
        seen.Event.ShouldBe(order);
        seen.Context.PublishedAtMicros.ShouldBeGreaterThanOrEqualTo(context.OriginTimestampMicros);
        (seen.Context with { PublishedAtMicros = 0 }).ShouldBe(context);
    }

    [Fact]
    public async Task What_travels_is_what_the_message_contract_says()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start() with { AggregateId = "o-1", UserId = "u-1" };
        var before = DateTimeOffset.UtcNow;

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);

        var message = await raw.GetAsync(tap);
        var properties = message.BasicProperties;
        message.Exchange.ShouldBe($"{bus.Domain}.events");
        message.RoutingKey.ShouldBe(bus.Created);
        properties.MessageId.ShouldBe(context.EventId.ToString());
        properties.CorrelationId.ShouldBe(context.CorrelationId);
        properties.Type.ShouldBe(bus.Created);
        properties.AppId.ShouldBe(publisher.Name);
        properties.ContentType.ShouldBe("application/protobuf");
        properties.Persistent.ShouldBeTrue();
        properties.Timestamp.UnixTime.ShouldBeInRange(before.ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        properties.Value(HeaderNames.OriginTimestamp).ShouldBe(context.OriginTimestampMicros);
        properties.Value(HeaderNames.PublishedAt).ShouldBeOfType<long>().ShouldBeInRange(
            UnixMicroseconds.From(before), UnixMicroseconds.From(DateTimeOffset.UtcNow));
        properties.Value(HeaderNames.EventVersion).ShouldBe(1);
        properties.Value(HeaderNames.Attempt).ShouldBe(1);
        properties.Text(HeaderNames.Flow).ShouldBe("OrderCreationFlow");
        properties.Text(HeaderNames.AggregateId).ShouldBe("o-1");
        properties.Text(HeaderNames.UserId).ShouldBe("u-1");
        properties.Headers!.Keys.ShouldBe(
            [
                HeaderNames.OriginTimestamp, HeaderNames.PublishedAt, HeaderNames.EventVersion, HeaderNames.Attempt,
                HeaderNames.Flow, HeaderNames.Stages, HeaderNames.AggregateId, HeaderNames.UserId,
            ],
            ignoreOrder: true);
        OrderCreated.Parser.ParseFrom(message.Body.Span).OrderId.ShouldBe("o-1");
    }

    [Fact]
    public async Task An_event_published_by_a_handler_continues_the_flow()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var processed = new HandlerScript<OrderProcessed>();
        await bus.StartAsync(
            "last",
            wiring => wiring.Handles<OrderProcessed, ScriptedHandler<OrderProcessed>>(),
            register: services => services.AddScript(processed));
        await bus.StartHandlerAsync(new HandlerScript<OrderCreated>((context, order, cancellation) =>
            context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellation)));
        var publisher = await bus.StartPublisherAsync();
        var first = Flow.Start() with { AggregateId = "o-7", TenantId = "t" };

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-7" }, first, Cancellation);

        await processed.SeesAsync(1);
        processed.Seen.TryPeek(out var seen).ShouldBeTrue();
        seen.Event.OrderId.ShouldBe("o-7");
        seen.Context.EventId.ShouldNotBe(first.EventId);
        (seen.Context with { PublishedAtMicros = 0 }).ShouldBe(first with { EventId = seen.Context.EventId, CausationId = first.EventId });
    }

    [Fact]
    public async Task Many_events_published_at_once_are_all_confirmed_and_each_handled_once()
    {
        const int Count = 2000;
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();

        await Task.WhenAll(
            Enumerable.Range(0, Count)
                .Select(n => publisher.PublishAsync(new OrderCreated { OrderId = $"o-{n}" }, cancellationToken: Cancellation)));

        await script.SeesAsync(Count);
        await handler.Host.StopAsync(Cancellation);
        var raw = await bus.ConnectRawAsync();
        (await raw.CountAsync(handler.Name)).ShouldBe(0u, "stopping would have given back what was not acknowledged");
        script.Seen.Select(seen => seen.Event.OrderId).ShouldBe(Enumerable.Range(0, Count).Select(n => $"o-{n}"), ignoreOrder: true);
    }

    [Fact]
    public async Task A_batch_is_published_whole_and_in_order()
    {
        const int Count = 500;
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var publisher = await bus.StartPublisherAsync();

        var orders = Enumerable.Range(0, Count).Select(n => new OrderCreated { OrderId = $"o-{n}" });
        await publisher.Publisher.PublishAsync(
            [.. orders.Select(order => new OrderFlow.Messaging.Publishing.OutgoingEvent(order, Flow.Start()))], Cancellation);

        (await raw.CountAsync(tap)).ShouldBe((uint)Count);
        for (var n = 0; n < Count; n++)
        {
            OrderCreated.Parser.ParseFrom((await raw.GetAsync(tap)).Body.Span).OrderId.ShouldBe($"o-{n}");
        }
    }
}
