using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class TopologyTests(BrokerFixture broker)
{
    private const string Quorum = "x-overflow=reject-publish, x-queue-type=quorum";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_wiring_reads_as_text()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddMessaging("order-service", bus => bus
            .AddEvents(EventCatalog.WireTypes)
            .Handles<OrderCreated, Idle<OrderCreated>>()
            .Publishes<OrderProcessed>()
            .Publishes<NotificationSent>(requireSubscriber: false));
        using var services = builder.Services.BuildServiceProvider();

        services.GetRequiredService<MessagingWiring>().Describe().ShouldBe(
            $"""
            order-service
              publishes
                notification.sent to notification.events, also without a subscriber
                order.processed to order.events
              handles
                order.created by Idle`1, again after 5s, 30s, 2m
              tells
                retry-queued, dead-lettered, and of replayed events handled, to handling.notices, also without a subscriber
              exchanges
                notification.events (topic, durable)
                order.events (topic, durable)
                wire-tap (topic, durable)
                handling.notices (topic, durable)
                service.heartbeats (topic, durable)
              queues
                order-service ({DeadLettersTo("order-service.undelivered")}, x-delivery-limit=20, {Quorum})
                order-service.retry.5s ({DeadLettersTo("order-service")}, x-message-ttl=5000, {Quorum})
                order-service.retry.30s ({DeadLettersTo("order-service")}, x-message-ttl=30000, {Quorum})
                order-service.retry.2m ({DeadLettersTo("order-service")}, x-message-ttl=120000, {Quorum})
                order-service.undelivered ({DeadLettersTo("order-service.dead-letters")}, x-delivery-limit=3, {Quorum})
                order-service.dead-letters ({DeadLettersTo("order-service.parking-lot")}, x-delivery-limit=10, {Quorum})
                order-service.parking-lot ({Quorum})
              bindings
                order.events --order.created--> order-service

            """);

        static string DeadLettersTo(string queue) =>
            $"x-dead-letter-exchange=, x-dead-letter-routing-key={queue}, x-dead-letter-strategy=at-least-once";
    }

    [Fact]
    public void A_service_that_only_publishes_has_no_queue()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddMessaging("gateway", bus => bus.AddEvents(EventCatalog.WireTypes).Publishes<OrderCreated>());
        using var services = builder.Services.BuildServiceProvider();

        services.GetRequiredService<MessagingWiring>().Describe().ShouldBe(
            """
            gateway
              publishes
                order.created to order.events
              exchanges
                order.events (topic, durable)
                wire-tap (topic, durable)
                service.heartbeats (topic, durable)

            """);
    }

    [Fact]
    public async Task A_queue_that_exists_with_other_arguments_is_named_with_what_to_do()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var name = bus.NameOf("handler");
        await raw.Channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
        var handler = await bus.StartAsync(
            "handler", wiring => wiring.Handles<OrderCreated, Idle<OrderCreated>>(), waitUntilHealthy: false);

        var problem = "";
        await Wait.UntilAsync(
            "the service says so",
            async () =>
                (problem = (await handler.HealthAsync()).Entries["messaging"].Description ?? "")
                    .Contains("PRECONDITION_FAILED", StringComparison.Ordinal));

        problem.ShouldContain($"The broker has a queue '{name}' with other arguments than this version declares");
        problem.ShouldContain($"rabbitmqctl delete_queue {name}");
        await raw.Channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false, cancellationToken: Cancellation);
        await handler.HealthyAsync();
    }

    [Fact]
    public void Mistakes_in_the_wiring_are_told_when_the_service_is_built()
    {
        Message(bus => bus.Publishes<OrderCreated>()).ShouldStartWith(
            "s publishes or handles orderflow.events.OrderCreated, which has no wire type.");
        Message(bus => bus.Handles<OrderCreated, Idle<OrderCreated>>().Handles<OrderCreated, Busy>()).ShouldBe(
            "s already handles OrderCreated; Busy would be its second handler.");
        Message(bus =>
            bus.AddEvents(
                new Dictionary<string, Google.Protobuf.Reflection.MessageDescriptor>(StringComparer.Ordinal)
                {
                    ["Order Created"] = OrderCreated.Descriptor,
                }))
            .ShouldStartWith("'Order Created' is no wire type:");
        Should.Throw<ArgumentException>(() => Build("amq.mine", _ => { })).Message.ShouldStartWith("'amq.mine' cannot name a queue:");

        static string Message(Action<MessagingBuilder> wire) => Should.Throw<InvalidOperationException>(() => Build("s", wire)).Message;

        static void Build(string service, Action<MessagingBuilder> wire) =>
            Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings()).AddMessaging(service, wire);
    }

    private sealed class Idle<TEvent> : IEventHandler<TEvent>
        where TEvent : Google.Protobuf.IMessage
    {
        public Task HandleAsync(IHandlingContext context, TEvent @event, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Busy : IEventHandler<OrderCreated>
    {
        public Task HandleAsync(IHandlingContext context, OrderCreated @event, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
