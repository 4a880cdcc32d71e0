using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class ScheduledEventTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    private const Parts Publishing = Parts.Dispatcher | Parts.Sweeper | Parts.Scheduler;
    private static readonly TimeSpan Later = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_scheduled_event_waits_until_it_is_due_and_is_no_part_of_the_outbox_before()
    {
        var replica = await StartReplicaAsync(Publishing);
        var delivery = Scheduling("deadline", Later);

        await replica.Batch.HandleAsync("orders", [delivery, Delivery()], Cancellation);

        await OutboxIsEmptyAsync();
        Broker.Taken.ShouldHaveSingleItem();
        (await Database.CountAsync("scheduled_events")).ShouldBe(1);
        await BecomeDueAsync();
        await TakenAsync("order-1", "deadline");
        var published = Broker.Taken.Single(taken => taken.Context.CausationId == delivery.Context.EventId);
        (published.Context.CorrelationId, published.Context.OriginTimestampMicros).ShouldBe(
            (delivery.Context.CorrelationId, delivery.Context.OriginTimestampMicros));
        await OutboxIsEmptyAsync();
        (await Database.CountAsync("scheduled_events")).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_due_in_the_past_is_published_at_once_and_what_is_due_in_the_year_9999_waits()
    {
        var replica = await StartReplicaAsync(Publishing);

        await replica.Batch.HandleAsync(
            "orders",
            [
                Scheduling("yesterday", -TimeSpan.FromDays(1)),
                Scheduling("the-beginning", context => context.PublishAt(
                    new OrderProcessed { OrderId = "the-beginning" }, DateTimeOffset.MinValue)),
                Scheduling("the-end", context => context.PublishAt(new OrderProcessed { OrderId = "the-end" }, DateTimeOffset.MaxValue)),
                Scheduling("elsewhere", context => context.PublishAt(
                    new OrderProcessed { OrderId = "elsewhere" },
                    new DateTimeOffset(9999, 12, 31, 1, 0, 0, TimeSpan.FromHours(9)))),
            ],
            Cancellation);

        await TakenAsync("yesterday", "the-beginning");
        (await Database.CountAsync("scheduled_events")).ShouldBe(2);
        await Wait.UntilAsync(() => replica.Get<ScheduleBacklog>().Count == 2);
        replica.Get<ScheduleBacklog>().OverdueSeconds.ShouldBe(0);
    }

    [Fact]
    public async Task A_cancelled_event_is_never_published_and_others_are()
    {
        var replica = await StartReplicaAsync(Publishing);
        await replica.Batch.HandleAsync("orders", [Scheduling("cancelled", Later), Scheduling("kept", Later)], Cancellation);

        await replica.Batch.HandleAsync(
            "orders",
            [
                Scheduling("", context =>
                {
                    context.CancelScheduled<OrderProcessed>("cancelled");
                    // Another type with the same token, and a token that nothing was scheduled with.
                    context.CancelScheduled<OrderRejected>("kept");
                    context.CancelScheduled<OrderProcessed>("nobody");
                }),
                Scheduling("", context =>
                {
                    context.PublishAt(new OrderProcessed { OrderId = "in-one-transaction" }, TimeProvider.System.GetUtcNow(), "both");
                    context.CancelScheduled<OrderProcessed>("both");
                    context.PublishAt(new OrderProcessed { OrderId = "again" }, TimeProvider.System.GetUtcNow(), "both");
                }),
            ],
            Cancellation);

        await BecomeDueAsync();
        await TakenAsync("kept", "again");
        (await Database.CountAsync("scheduled_events")).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_failed_transaction_scheduled_or_cancelled_is_as_if_it_never_had()
    {
        var replica = await StartReplicaAsync(Publishing);
        await replica.Batch.HandleAsync("orders", [Scheduling("kept", Later)], Cancellation);

        var outcomes = await replica.Batch.HandleAsync(
            "orders",
            [
                Scheduling("", context =>
                {
                    context.PublishAt(new OrderProcessed { OrderId = "failed" }, TimeProvider.System.GetUtcNow());
                    context.CancelScheduled<OrderProcessed>("kept");
                    throw new InvalidOperationException("no");
                }),
            ],
            Cancellation);

        outcomes.ShouldHaveSingleItem().Status.ShouldBe(DeliveryStatus.Failed);
        await BecomeDueAsync();
        await TakenAsync("kept");
    }

    [Fact]
    public async Task Two_replicas_publish_every_event_once()
    {
        Action<DurabilityOptions> small = options => (options.PublishBatch, options.SweepAge) = (10, TimeSpan.FromSeconds(10));
        Replica[] replicas = [await StartReplicaAsync(Publishing, small), await StartReplicaAsync(Publishing, small)];
        string[] orders = [.. Enumerable.Range(0, 500).Select(number => $"order-{number}")];

        foreach (var (index, some) in orders.Chunk(50).Index())
        {
            await replicas[index % 2].Batch.HandleAsync(
                "orders", [.. some.Select(order => Scheduling(order, TimeSpan.FromMilliseconds(100)))], Cancellation);
        }

        await TakenAsync(orders);
        await OutboxIsEmptyAsync();
        Broker.Overlaps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_replica_that_dies_between_the_move_and_the_publishing_leaves_the_event_to_another()
    {
        await using (var crashing = await Replica.StartAsync(Database.ConnectionString, Broker))
        {
            await crashing.Batch.HandleAsync("orders", [Scheduling("order-1", -Later)], Cancellation);
            (await crashing.Get<EventScheduler>().MoveDueAsync(Cancellation)).ShouldBe(1);
        }

        Broker.Taken.ShouldBeEmpty();
        (await Database.OutboxAsync()).ShouldBe(1);
        await StartReplicaAsync(Publishing);

        await TakenAsync("order-1");
        await OutboxIsEmptyAsync();
    }

    [Fact]
    public async Task A_restart_of_the_service_or_of_the_database_loses_no_scheduled_event()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await server.CreateDatabaseAsync();
        await using (var first = await Replica.StartAsync(database.ConnectionString, Broker, Publishing))
        {
            await first.Batch.HandleAsync(
                "orders", [Scheduling("order-1", TimeSpan.FromMilliseconds(500)), Scheduling("order-2", Later)], Cancellation);
        }

        await using var second = await Replica.StartAsync(database.ConnectionString, Broker, Publishing);
        await server.KillAsync();
        await server.StartAsync();
        database.Source.Clear();

        await TakenAsync("order-1");
        (await database.CountAsync("scheduled_events")).ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_stops_no_other_and_is_kept()
    {
        var replica = await StartReplicaAsync(Publishing);
        await replica.Batch.HandleAsync("orders", [Scheduling("bad", Later), Scheduling("worse", Later)], Cancellation);
        await Database.ExecuteAsync("""
            UPDATE scheduled_events
            SET context = CASE token WHEN 'bad' THEN '{}' ELSE jsonb_set(context, '{dueAtMicros}', '9223372036854775807') END;
            UPDATE scheduled_events SET due_at = now();
            """);

        await replica.Batch.HandleAsync("orders", [Scheduling("good", -Later)], Cancellation);

        await TakenAsync("good");
        await Wait.UntilAsync(
            async () => await Database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE last_error IS NOT NULL") == 2);
    }

    [Fact]
    public async Task A_scheduled_event_holds_back_no_other_of_its_aggregate_before_it_is_due_and_keeps_their_order_then()
    {
        var replica = await StartReplicaAsync(Publishing, options => options.PublishInOrder = true);
        var context = EventContext.StartFlow("OrderCreationFlow", TimeProvider.System) with { AggregateId = "order-1" };
        await replica.Batch.HandleAsync("orders", [Scheduling("deadline", Later) with { Context = context }], Cancellation);

        await replica.Batch.HandleAsync("orders", [Delivery() with { Context = context.Caused(TimeProvider.System) }], Cancellation);

        await TakenAsync("order-1");
        await BecomeDueAsync();
        await TakenAsync("order-1", "deadline");
    }

    [Fact]
    public async Task The_wait_on_purpose_is_a_stage_of_its_own()
    {
        var replica = await StartReplicaAsync(Publishing);
        var delivery = Scheduling("order-1", TimeSpan.FromMilliseconds(700));

        await replica.Batch.HandleAsync("orders", [delivery], Cancellation);
        await TakenAsync("order-1");

        var ledger = Broker.Taken.Single().Context.LedgerUntilNow(TimeProvider.System);
        var micros = ledger.Entries.ToDictionary(entry => entry.Stage, entry => entry.Micros);
        micros[StageNames.Scheduled].ShouldBeInRange(500_000, 700_000);
        micros[StageNames.Outbox].ShouldBeGreaterThanOrEqualTo(0);
        ledger.TotalMicros.ShouldBe(ledger.Entries.Sum(entry => entry.Micros));
    }

    [Fact]
    public async Task While_the_broker_refuses_it_a_due_event_is_in_the_outbox_and_is_counted_there()
    {
        Broker.Answer = _ => new PublishException(PublishFailure.Nacked, "no");
        var replica = await StartReplicaAsync(Publishing);

        await replica.Batch.HandleAsync("orders", [Scheduling("order-1", -Later)], Cancellation);

        await Wait.UntilAsync(async () => await Database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE attempts > 0") == 1);
        (await Database.CountAsync("scheduled_events")).ShouldBe(0);
    }

    [Fact]
    public async Task After_its_handler_has_returned_nothing_can_be_scheduled_or_cancelled()
    {
        ITransactionalContext? kept = null;
        var replica = await StartReplicaAsync();
        await replica.Batch.HandleAsync("orders", [Scheduling("", context => kept = context)], Cancellation);

        Should.Throw<InvalidOperationException>(() => kept!.PublishAt(new OrderProcessed(), TimeProvider.System.GetUtcNow()))
            .Message.ShouldContain("OrderProcessed is published after");
        Should.Throw<InvalidOperationException>(() => kept!.CancelScheduled<OrderProcessed>("order-1")).Message.ShouldContain(
            "order.processed is cancelled after");
    }

    private static TransactionalDelivery Scheduling(string order, TimeSpan delay) =>
        Scheduling(
            order,
            context => context.PublishAt(new OrderProcessed { OrderId = order }, TimeProvider.System.GetUtcNow() + delay, token: order));

    private static TransactionalDelivery Scheduling(string order, Action<ITransactionalContext> schedule) =>
        Delivery(handler: (context, _, _) =>
    {
        schedule(context);
        return Task.CompletedTask;
    }) with { Event = new OrderCreated { OrderId = order } };

    private Task BecomeDueAsync() => Database.ExecuteAsync("UPDATE scheduled_events SET due_at = now()");

    /// <summary>Waits until the broker has taken the events of these orders, and expects no others, and each once.</summary>
    private async Task TakenAsync(params string[] orders)
    {
        await Wait.UntilAsync(
            () => $"{string.Join(", ", orders.Take(5))} to be published; so far: {string.Join(", ", Taken().Take(5))}",
            () => orders.Except(Taken(), StringComparer.Ordinal).FirstOrDefault() is null);
        Taken().Order(StringComparer.Ordinal).ShouldBe(orders.Order(StringComparer.Ordinal));
    }

    private List<string> Taken() => [.. Broker.Taken.Select(taken => OrderProcessed.Parser.ParseFrom(taken.Body.Span).OrderId)];
}
