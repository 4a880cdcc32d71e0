using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class TransactionalCrashTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_killed_between_commit_and_publish_gets_the_event_from_the_sweep()
    {
        await using var node = new RabbitNode();
        await node.StartAsync();
        await using var bus = new TestBus(node);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database);
        await service.PrepareAsync();
        var killed = new TaskCompletionSource<List<Guid>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await service.StartAsync(outbox: publisher => new BetweenCommitAndPublish(publisher, async () =>
        {
            await node.KillAsync();
            killed.SetResult(await service.EffectsAsync());
        }));
        var client = await bus.StartPublisherAsync();
        var context = Flow.Start();

        await client.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        var committed = await killed.Task.WaitAsync(Wait.Long, Cancellation);
        var waiting = await database.ScalarAsync<Guid>("SELECT event_id FROM outbox");
        await node.StartAsync();

        committed.ShouldBe([context.EventId]);
        await Wait.UntilAsync("the outbox is empty", async () => await database.OutboxAsync() == 0);
        await using var raw = await RawClient.ConnectAsync(node);
        (await raw.GetAsync(service.Tap)).BasicProperties.MessageId.ShouldBe(waiting.ToString());
        await raw.CountIsAsync(bus.NameOf("handler"), 0);
        (await service.EffectsAsync()).ShouldBe([context.EventId]);
    }

    [Fact]
    public async Task Sessions_of_the_database_ended_in_the_middle_of_batches_double_nothing_and_lose_nothing()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var ended = new HashSet<string>(StringComparer.Ordinal);
        var service = new TransactionalService(bus, database)
        {
            Before = (_, order) => order.OrderId is "50" or "120" or "180" ? EndOnceAsync(order.OrderId) : Task.CompletedTask,
        };
        await service.PrepareAsync();
        var handler = await service.StartAsync();
        var publisher = await bus.StartPublisherAsync();
        var outgoing = Enumerable.Range(0, 200).Select(n => new OutgoingEvent(new OrderCreated { OrderId = $"{n}" }, Flow.Start())).ToList(
            );

        await publisher.Publisher.PublishAsync(outgoing, Cancellation);

        await service.EachEffectOnceAsync([.. outgoing.Select(sent => sent.Context.EventId)]);
        ended.Count.ShouldBe(3);
        (await (await bus.ConnectRawAsync()).CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);

        Task EndOnceAsync(string order)
        {
            lock (ended)
            {
                return ended.Add(order) ? database.EndSessionsAsync() : Task.CompletedTask;
            }
        }
    }

    [Fact]
    public async Task While_the_database_is_down_the_queue_waits_and_no_attempt_is_used_up()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await server.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database);
        await service.PrepareAsync();
        // With a retry at once, a wait that used up attempts would have dead-lettered everything long before the server is back.
        var handler = await service.StartAsync(settings => settings["Messaging:RetryDelay"] = "00:00:00.001");
        var publisher = await bus.StartPublisherAsync();
        using var measured = new MetricRecorder(handler);
        await server.KillAsync();
        var outgoing = Enumerable.Range(0, 100).Select(n => new OutgoingEvent(new OrderCreated { OrderId = $"{n}" }, Flow.Start())).ToList(
            );

        await publisher.Publisher.PublishAsync(outgoing, Cancellation);
        await Wait.UntilAsync("every event was tried six times on average", () => measured.Count("events.handling.errors") > 600);
        await server.StartAsync();
        // The test's own connections did not survive it either.
        database.Source.Clear();

        await service.EachEffectOnceAsync([.. outgoing.Select(sent => sent.Context.EventId)]);
        measured.Count("events.retried").ShouldBe(0);
        (await (await bus.ConnectRawAsync()).CountAsync($"{handler.Name}.dead-letters")).ShouldBe(0u);
        handler.Logs.Lines.Count(line => line.EventId == 3014).ShouldBe(1);
    }

    [Fact]
    public async Task Two_replicas_on_one_queue_of_events_and_duplicates_have_each_effect_once()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        var service = new TransactionalService(bus, database);
        await service.PrepareAsync();
        using var one = new MetricRecorder(await service.StartAsync());
        using var two = new MetricRecorder(await service.StartAsync());
        var publisher = await bus.StartPublisherAsync();
        var contexts = Enumerable.Range(0, 400).Select(_ => Flow.Start()).ToList();
        EventContext[] deliveries = [.. contexts, .. contexts, .. contexts];
        new Random(20_26).Shuffle(deliveries);

        foreach (var some in deliveries.Chunk(100))
        {
            await publisher.Publisher.PublishAsync(
                [.. some.Select(context => new OutgoingEvent(new OrderCreated { OrderId = "o" }, context))], Cancellation);
        }

        await Wait.UntilAsync(
            "everything is processed",
            () => one.Count("messaging.process.duration") + two.Count("messaging.process.duration") == deliveries.Length);
        await service.EachEffectOnceAsync([.. contexts.Select(context => context.EventId)]);
        (one.Sum("events.handled") + two.Sum("events.handled")).ShouldBe(400);
        (one.Sum("events.duplicates") + two.Sum("events.duplicates")).ShouldBe(800);
        one.Sum("events.handled").ShouldBeGreaterThan(0);
        two.Sum("events.handled").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_service_that_stops_publishes_what_its_last_events_have_caused()
    {
        await using var bus = await TestBus.OnAsync(broker);
        await using var database = await postgres.CreateDatabaseAsync();
        using var mayGoOn = new SemaphoreSlim(0);
        var service = new TransactionalService(bus, database) { Before = (_, _) => mayGoOn.WaitAsync(Cancellation) };
        await service.PrepareAsync();
        // What the dispatcher does not publish stays: the sweep would come too late to be seen here.
        var handler = await service.StartAsync(
            settings => (settings["Durability:SweepAge"], settings["Messaging:BatchLanes"]) = ("01:00:00", "1"));
        var publisher = await bus.StartPublisherAsync();
        var outgoing = Enumerable.Range(0, 10).Select(n => new OutgoingEvent(new OrderCreated { OrderId = $"{n}" }, Flow.Start())).ToList();
        await publisher.Publisher.PublishAsync(outgoing, Cancellation);
        await Wait.UntilAsync("the first is being handled", () => !service.Begun.IsEmpty);

        var stopping = handler.Host.StopAsync(Cancellation);
        await Wait.UntilAsync("no more is taken", () => handler.Logs.Lines.Any(line => line.EventId == 2006));
        mayGoOn.Release(10);
        await stopping;

        var effects = await service.EffectsAsync();
        effects.Count.ShouldBeGreaterThan(0);
        (await database.OutboxAsync()).ShouldBe(0);
        var raw = await bus.ConnectRawAsync();
        (await raw.TakeAllAsync(service.Tap)).Count.ShouldBe(effects.Count);
    }
}
