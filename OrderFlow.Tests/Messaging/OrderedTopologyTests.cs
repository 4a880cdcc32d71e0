using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class OrderedTopologyTests(BrokerFixture broker)
{
    private const string Quorum = "x-overflow=reject-publish, x-queue-type=quorum";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_wiring_of_an_ordered_service_reads_as_text()
    {
        Describe(bus => bus.Handles<OrderCreated, Idle>().HandlesInOrder(partitions: 2)).ShouldBe(
            $"""
            order-service
              handles
                order.created by Idle, in order per aggregate, again after 5s, 30s, 2m
              tells
                retry-queued, dead-lettered, and of replayed events handled, to handling.notices, also without a subscriber
              exchanges
                order.events (topic, durable)
                handling.notices (topic, durable)
                service.heartbeats (topic, durable)
                order-service.ordered (x-consistent-hash, durable, hash-header=aggregate-id)
              queues
                order-service.0 ({DeadLettersTo("order-service.undelivered")}, x-delivery-limit=20, {Quorum}, x-single-active-consumer=True)
                order-service.1 ({DeadLettersTo("order-service.undelivered")}, x-delivery-limit=20, {Quorum}, x-single-active-consumer=True)
                order-service.undelivered ({DeadLettersTo("order-service.dead-letters")}, x-delivery-limit=3, {Quorum})
                order-service.dead-letters ({DeadLettersTo("order-service.parking-lot")}, x-delivery-limit=10, {Quorum})
                order-service.parking-lot ({Quorum})
              bindings
                order.events --order.created--> order-service.ordered
                order-service.ordered --1--> order-service.0
                order-service.ordered --1--> order-service.1

            """);

        static string DeadLettersTo(string queue) =>
            $"x-dead-letter-exchange=, x-dead-letter-routing-key={queue}, x-dead-letter-strategy=at-least-once";
    }

    [Fact]
    public void Mistakes_are_told_when_the_service_is_built()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Describe(bus => bus.HandlesInOrder(0))).Message.ShouldStartWith(
            "A service that handles events in order has from 1 to 64 partitions.");
        Should.Throw<ArgumentOutOfRangeException>(() => Describe(bus => bus.HandlesInOrder(65)));
        Should.Throw<InvalidOperationException>(() => Describe(bus => bus.HandlesInOrder())).Message.ShouldStartWith(
            "order-service handles events in order, but handles none.");
        Should.Throw<InvalidOperationException>(() => Describe(bus => bus.HandlesInOrder().Handles<OrderCreated, Idle>(
            retry => retry.After(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(6)))))
            .Message.ShouldStartWith(
                "order-service handles events in order, so order.created waits for its delayed retries unacknowledged, "
                + "00:16:00 in all; at most 00:15:00 are allowed");
    }

    [Fact]
    public async Task Every_event_of_an_aggregate_comes_to_the_same_queue_and_one_that_has_none_to_some()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await StartAsync(bus, partitions: 4);
        await handler.Host.StopAsync(Cancellation);
        var raw = await bus.ConnectRawAsync();
        var exchange = $"{bus.Domain}.events";

        for (var n = 0; n < 400; n++)
        {
            var properties = new BasicProperties
            {
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [HeaderNames.AggregateId] = $"o-{n % 100}" },
            };
            await raw.Channel.BasicPublishAsync(exchange, bus.Created, mandatory: true, properties, default, Cancellation);
        }

        var taken = await raw.ConsumeAsync(Enumerable.Range(0, 4).Select(number => $"{handler.Name}.{number}"), 400);
        var aggregates = taken
            .GroupBy(message => message.Queue, message => message.Properties.Text(HeaderNames.AggregateId), StringComparer.Ordinal)
            .Select(queue => queue.Distinct().Count())
            .ToList();
        aggregates.Count.ShouldBe(4);
        aggregates.ShouldAllBe(count => count > 5, "the aggregates are spread");
        aggregates.Sum().ShouldBe(100, "none is in two queues");
        // A mandatory message that no queue gets fails here.
        await raw.Channel.BasicPublishAsync(exchange, bus.Created, mandatory: true, new BasicProperties(), default, Cancellation);
    }

    [Fact]
    public async Task A_service_that_begins_to_keep_an_order_or_stops_it_gets_each_event_once()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var without = await bus.StartHandlerAsync(new HandlerScript<OrderCreated>());
        await without.Host.StopAsync(Cancellation);

        await (await StartAsync(bus, partitions: 2)).Host.StopAsync(Cancellation);
        await PublishAsync();

        (await raw.CountAsync(without.Name)).ShouldBe(0u);
        await Wait.UntilAsync(
            "a partition has it", async () => await raw.CountAsync($"{without.Name}.0") + await raw.CountAsync($"{without.Name}.1") == 1);

        await (await StartAsync(bus, partitions: 1)).Host.StopAsync(Cancellation);
        await raw.Channel.QueuePurgeAsync($"{without.Name}.0", Cancellation);
        await raw.Channel.QueuePurgeAsync($"{without.Name}.1", Cancellation);
        for (var n = 0; n < 20; n++)
        {
            await PublishAsync($"o-{n}");
        }

        await raw.CountIsAsync($"{without.Name}.0", 20);

        await (await bus.StartHandlerAsync(
            new HandlerScript<OrderCreated>(), settings => settings["Messaging:Prefetch"] = "1")).Host.StopAsync(Cancellation);
        await PublishAsync();

        await raw.CountIsAsync(without.Name, 1);
        (await raw.CountAsync($"{without.Name}.0")).ShouldBe(20u);

        async Task PublishAsync(string aggregate = "o-1")
        {
            var properties = Garbage.Good(bus);
            properties.Headers![HeaderNames.AggregateId] = aggregate;
            await raw.Channel.BasicPublishAsync($"{bus.Domain}.events", bus.Created, mandatory: true, properties, default, Cancellation);
        }
    }

    private static Task<TestService> StartAsync(TestBus bus, int partitions) => bus.StartAsync(
        "handler", wiring => wiring.HandlesInOrder(partitions).Handles<OrderCreated, ScriptedHandler<OrderCreated>>(),
        register: services => services.AddScript(new HandlerScript<OrderCreated>()));

    private static string Describe(Action<MessagingBuilder> wire)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddMessaging("order-service", bus => wire(bus.AddEvents(EventCatalog.WireTypes)));
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<MessagingWiring>().Describe();
    }

    private sealed class Idle : IEventHandler<OrderCreated>
    {
        public Task HandleAsync(IHandlingContext context, OrderCreated @event, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
