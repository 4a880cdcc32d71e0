using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class ScheduledEventCancellationTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scheduled_event_outlives_broker_and_service_and_is_published_with_its_context_when_it_is_due()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database) { Before = ScheduleAsync };
        await service.PrepareAsync();
        var first = await service.StartAsync();
        var context = Flow.Start() with { AggregateId = "o-1" };
        await (await bus.StartPublisherAsync()).PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await Wait.UntilAsync("the event is scheduled", async () => await database.CountAsync("scheduled_events") == 1);
        await Wait.UntilAsync("the other is published", async () => await database.OutboxAsync() == 0);

        await node.KillAsync();
        await first.DisposeAsync();
        await database.ExecuteAsync("UPDATE scheduled_events SET due_at = now()");
        await node.StartAsync();
        await service.StartAsync();

        await Wait.UntilAsync("the schedule is empty", async () => await database.CountAsync("scheduled_events") == 0);
        await Wait.UntilAsync("the outbox is empty", async () => await database.OutboxAsync() == 0);
        await using var raw = await RawClient.ConnectAsync(node);
        OrderProcessed.Parser.ParseFrom((await raw.GetAsync(service.Tap)).Body.Span).OrderId.ShouldBe("o-1");
        var due = await raw.GetAsync(service.Tap);
        OrderProcessed.Parser.ParseFrom(due.Body.Span).OrderId.ShouldBe("due");
        due.BasicProperties.CorrelationId.ShouldBe(context.CorrelationId);
        due.BasicProperties.Text(HeaderNames.CausationId).ShouldBe(context.EventId.ToString());
        due.BasicProperties.Text(HeaderNames.AggregateId).ShouldBe("o-1");
        due.BasicProperties.Headers![HeaderNames.OriginTimestamp].ShouldBe(context.OriginTimestampMicros);
        await raw.CountIsAsync(service.Tap, 0);

        static Task ScheduleAsync(OrderFlow.Messaging.Postgres.Transactions.ITransactionalContext transaction, OrderCreated order)
        {
            transaction.PublishAt(new OrderProcessed { OrderId = "due" }, TimeProvider.System.GetUtcNow().AddHours(1));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Its_wait_is_neither_the_brokers_nor_the_outboxes()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database)
        {
            Before = (transaction, _) =>
            {
                transaction.PublishAt(new OrderProcessed { OrderId = "due" }, TimeProvider.System.GetUtcNow().AddSeconds(1));
                return Task.CompletedTask;
            },
        };
        await service.PrepareAsync();
        await service.StartAsync(settings => settings["Durability:ScheduleInterval"] = "00:00:00.050");

        await (await bus.StartPublisherAsync()).PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        var raw = await bus.ConnectRawAsync();
        await raw.GetAsync(service.Tap);
        var stages = Stages.Of((await raw.GetAsync(service.Tap)).BasicProperties);
        stages.Keys.ShouldBe(
            ["accept", .. "broker buffer handling transaction scheduled outbox".Split(' ').Select(stage => $"{bus.Created}/{stage}")]);
        stages[$"{bus.Created}/scheduled"].ShouldBeInRange(800_000, 1_000_000);
    }
}
