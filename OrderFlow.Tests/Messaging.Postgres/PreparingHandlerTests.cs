using OrderFlow.Contracts;
using OrderFlow.Messaging.Routing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class PreparingHandlerTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_prepared_side_by_side_with_no_transaction_open()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        using var goOn = new SemaphoreSlim(0);
        var service = new TransactionalService(bus, database);
        var preparing = 0;
        service.Prepare = async _ =>
        {
            Interlocked.Increment(ref preparing);
            await goOn.WaitAsync(Cancellation);
        };
        await service.PrepareAsync();
        await service.StartAsync(settings => settings["Messaging:BatchLanes"] = "1");
        var publisher = await bus.StartPublisherAsync();
        var events = await PublishAsync(publisher, 20);

        await Wait.UntilAsync("all are being prepared, though one lane handles them", () => Volatile.Read(ref preparing) == 20);
        // What the service does besides, such as its looks into the outbox, is over in a moment.
        await Wait.UntilAsync("no transaction is open", async () =>
            await database.ScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()") == 0);
        goOn.Release(20);

        await service.EachEffectOnceAsync(events);
    }

    [Fact]
    public async Task A_preparation_that_fails_is_tried_again_and_costs_no_other_event()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var failures = 2;
        var service = new TransactionalService(bus, database)
        {
            Prepare = order =>
                order.OrderId == "3" && Interlocked.Decrement(ref failures) >= 0
                    ? throw new TimeoutException("The provider does not answer.")
                    : Task.CompletedTask,
        };
        await service.PrepareAsync();
        var handler = await service.StartAsync();
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();

        var events = await PublishAsync(publisher, 10);

        await service.EachEffectOnceAsync(events);
        measured.Sum("events.handling.errors").ShouldBe(2);
        service.Begun.Count.ShouldBe(10, "no transaction was done twice");
    }

    [Fact]
    public async Task A_second_delivery_whose_preparation_fails_is_a_duplicate_and_no_dead_letter()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var broken = false;
        var service = new TransactionalService(bus, database)
        {
            Prepare = _ =>
                Volatile.Read(ref broken)
                    ? throw new PermanentFailureException("The provider knows nobody of that name.")
                    : Task.CompletedTask,
        };
        await service.PrepareAsync();
        var handler = await service.StartAsync();
        using var measured = new MetricRecorder(handler);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        await service.EachEffectOnceAsync([context.EventId]);

        Volatile.Write(ref broken, true);
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        var other = Flow.Start();
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-2" }, other, Cancellation);

        await using var raw = await bus.ConnectRawAsync();
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        (await raw.GetAsync($"{handler.Name}.dead-letters")).BasicProperties.MessageId.ShouldBe(other.EventId.ToString());
        await Wait.UntilAsync("the second delivery is counted", () => measured.Sum("events.duplicates") == 1);
        (await service.EffectsAsync()).ShouldBe([context.EventId]);
    }

    private static async Task<List<Guid>> PublishAsync(TestService publisher, int count)
    {
        var events = new List<Guid>();
        for (var n = 0; n < count; n++)
        {
            var context = Flow.Start();
            events.Add(context.EventId);
            await publisher.PublishAsync(new OrderCreated { OrderId = $"{n}" }, context, Cancellation);
        }

        return events;
    }
}
