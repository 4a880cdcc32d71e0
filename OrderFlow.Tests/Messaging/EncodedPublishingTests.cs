using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class EncodedPublishingTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_broker_all_fail_alike_and_only_the_first_is_waited_for()
    {
        await using var node = new RabbitNode();
        await using var bus = new TestBus(node);
        var service = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>(), waitUntilHealthy: false);
        using var measured = new MetricRecorder(service);

        var failures = await OutboxOf(service).PublishAsync(
            [.. Enumerable.Range(0, 100).Select(_ => Encoded(bus.Created))], packed: false, Cancellation);

        failures.Count.ShouldBe(100);
        failures.ShouldAllBe(failure => failure is PublishException && ((PublishException)failure).Reason == PublishFailure.Disconnected);
        measured.Sum("events.publish.failures").ShouldBe(1);
    }

    [Fact]
    public async Task What_is_wrong_with_one_event_is_told_for_it_alone()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var service = await bus.StartAsync(
            "publisher", wiring => wiring.Publishes<OrderCreated>().Publishes<OrderProcessed>(requireSubscriber: false));
        using var measured = new MetricRecorder(service);
        var tooLong = Encoded(bus.Processed);
        tooLong = tooLong with { Context = tooLong.Context with { UserId = new string('u', 5000) } };

        var failures = await OutboxOf(service).PublishAsync(
            [Encoded(bus.Processed), Encoded("gone.from.here"), Encoded(bus.Created), tooLong, Encoded(bus.Processed)],
            packed: true,
            Cancellation);

        failures[0].ShouldBeNull();
        failures[1].ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("does not publish gone.from.here (any more)");
        failures[2].ShouldBeOfType<PublishException>().Reason.ShouldBe(PublishFailure.Unroutable);
        failures[3].ShouldBeOfType<ArgumentException>().Message.ShouldStartWith("UserId is too long");
        failures[4].ShouldBeNull();
        measured.Sum("events.published").ShouldBe(2);
    }

    [Fact]
    public async Task An_event_from_the_outbox_looks_like_one_that_was_published_directly()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var service = await bus.StartPublisherAsync(requireSubscriber: false);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var context = Flow.Start() with { AggregateId = "order-1", TenantId = "tenant", UserId = "user", CausationId = Guid.NewGuid() };
        var order = new OrderCreated { OrderId = "order-1" };
        var trace = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1", "campaign=spring");

        await service.PublishAsync(order, context, Cancellation);
        var failures = await OutboxOf(service).PublishAsync(
            [EncodedEvent.Capture(bus.Created, order, context) with { Trace = trace }], packed: true, Cancellation);

        failures.ShouldBe([null]);
        var direct = await raw.GetAsync(tap);
        var stored = await raw.GetAsync(tap);
        stored.Body.ToArray().ShouldBe(direct.Body.ToArray());
        stored.RoutingKey.ShouldBe(direct.RoutingKey);
        Contract(stored).ShouldBe(Contract(direct));
        string[] changing =
        [
            HeaderNames.TraceParent,
            HeaderNames.TraceState,
            HeaderNames.Baggage,
            HeaderNames.PublishedAt,
            HeaderNames.Stages,
        ];
        Told(stored).ShouldBe(Told(direct));
        stored.BasicProperties.Text(HeaderNames.TraceParent)!.ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        stored.BasicProperties.Text(HeaderNames.TraceState).ShouldBe("vendor=1");
        stored.BasicProperties.Text(HeaderNames.Baggage).ShouldBe("campaign=spring");

        static object Contract(BasicGetResult got) => (
            got.BasicProperties.MessageId, got.BasicProperties.CorrelationId, got.BasicProperties.Type, got.BasicProperties.AppId,
            got.BasicProperties.ContentType, got.BasicProperties.DeliveryMode);

        IEnumerable<string> Told(BasicGetResult got) => got.BasicProperties.Headers!.Keys.Except(changing, StringComparer.Ordinal).Order(
            StringComparer.Ordinal)
            .Select(name => $"{name}={got.BasicProperties.Text(name) ?? got.BasicProperties.Value(name)}");
    }

    private static IEncodedEventPublisher OutboxOf(TestService service) =>
        service.Host.Services.GetRequiredService<IEncodedEventPublisher>();

    private static EncodedEvent Encoded(string wireType) =>
        EncodedEvent.Capture(wireType, new OrderProcessed { OrderId = "o" }, Flow.Start());
}
