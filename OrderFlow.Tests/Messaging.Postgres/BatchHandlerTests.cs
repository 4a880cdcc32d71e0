using System.Collections.Concurrent;
using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>Handlers that handle all events of a transaction at once.</summary>
public sealed class BatchHandlerTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    private readonly ConcurrentQueue<(int Events, bool IsRetry)> _calls = new();
    private int _committed;

    [Fact]
    public async Task A_batch_is_handled_in_one_call_and_every_effect_happens_and_is_published_once()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var deliveries = Batch(50, InsertAsync);

        var outcomes = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        outcomes.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        _calls.ShouldBe([(50, false)]);
        _committed.ShouldBe(50);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public async Task Duplicates_have_no_effect_whether_they_are_twins_in_a_batch_or_were_handled_before()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var deliveries = Batch(3, InsertAsync);

        var twins = await replica.Batch.HandleAsync("orders", [.. deliveries, deliveries[0]], Cancellation);
        var again = await replica.Batch.HandleAsync("orders", [deliveries[1], .. Batch(1, InsertAsync), deliveries[2]], Cancellation);
        var all = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        twins.Select(outcome => outcome.Status).ShouldBe(
            [DeliveryStatus.Handled, DeliveryStatus.Handled, DeliveryStatus.Handled, DeliveryStatus.Duplicate]);
        again.Select(outcome => outcome.Status).ShouldBe([DeliveryStatus.Duplicate, DeliveryStatus.Handled, DeliveryStatus.Duplicate]);
        all.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Duplicate);
        // The second batch took it that all were new, failed, and asked the inbox first; the third one asked at once.
        _calls.ShouldBe([(3, false), (3, false), (1, false)]);
        (await EffectsAsync()).Count.ShouldBe(4);
        _committed.ShouldBe(4);
    }

    [Fact]
    public async Task A_handler_that_asks_first_works_in_the_transaction_that_is_committed()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        await Database.ExecuteAsync(
            "CREATE TABLE accounts (id integer PRIMARY KEY, sum bigint NOT NULL); INSERT INTO accounts VALUES (1, 0)");
        var deliveries = Batch(20, async (transaction, events, cancellationToken) =>
        {
            long sum;
            await using (var reader = await transaction.QueryAsync(
                [new NpgsqlBatchCommand("SELECT sum FROM accounts WHERE id = 1 FOR UPDATE")], cancellationToken))
            {
                await reader.ReadAsync(cancellationToken);
                sum = reader.GetInt64(0);
            }

            transaction.Add(new NpgsqlBatchCommand("UPDATE accounts SET sum = $1 WHERE id = 1")
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = sum + events.Count } },
            });
            await InsertAsync(transaction, events, cancellationToken);
        });

        await Task.WhenAll(
            deliveries.Chunk(5).Select(some => replica.Batch.HandleAsync("orders", some, Cancellation)));

        (await Database.ScalarAsync<long>("SELECT sum FROM accounts")).ShouldBe(20);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public async Task What_a_constraint_refuses_is_tried_again_one_by_one_with_a_look_first()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        await Database.ExecuteAsync(
            "CREATE TABLE stock (id integer PRIMARY KEY, left_over integer NOT NULL CHECK (left_over >= 0)); " +
            "INSERT INTO stock VALUES (1, 3)");
        var sold = 0;

        var outcomes = await replica.Batch.HandleAsync("orders", Batch(5, SellAsync), Cancellation);
        var alone = await replica.Batch.HandleAsync("orders", Batch(1, SellAsync), Cancellation);

        outcomes.Concat(alone).ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        sold.ShouldBe(3);
        (await Database.ScalarAsync<int>("SELECT left_over FROM stock")).ShouldBe(0);
        _calls.ShouldBe([(5, false), (1, true), (1, true), (1, true), (1, true), (1, true), (1, false), (1, true)]);
        _committed.ShouldBe(6);

        async Task SellAsync(IBatchTransaction transaction, IReadOnlyList<HandledEvent> events, CancellationToken cancellationToken)
        {
            var wanted = events.Count;
            if (transaction.IsRetry)
            {
                await using var reader = await transaction.QueryAsync(
                    [new NpgsqlBatchCommand("SELECT left_over FROM stock WHERE id = 1 FOR UPDATE")], cancellationToken);
                await reader.ReadAsync(cancellationToken);
                wanted = Math.Min(wanted, reader.GetInt32(0));
                sold += wanted;
            }

            transaction.Add(new NpgsqlBatchCommand("UPDATE stock SET left_over = left_over - $1 WHERE id = 1")
            {
                Parameters = { new NpgsqlParameter<int> { TypedValue = wanted } },
            });
            await InsertAsync(transaction, events, cancellationToken);
        }
    }

    [Fact]
    public async Task One_bad_event_fails_alone_and_nothing_of_it_is_left()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var bad = Guid.Empty;
        var deliveries = Batch(10, async (transaction, events, cancellationToken) =>
        {
            await InsertAsync(transaction, events, cancellationToken);
            if (events.Any(one => one.Event.EventId == bad))
            {
                throw new InvalidOperationException("poison");
            }
        });
        bad = deliveries[4].Context.EventId;

        var outcomes = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        outcomes[4].Exception.ShouldBeOfType<InvalidOperationException>();
        outcomes.Where((_, index) => index != 4).ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        await EveryEffectOnceAndPublishedAsync(
            deliveries.Where((_, index) => index != 4).Select(delivery => delivery.Context.EventId));
        _committed.ShouldBe(9);
    }

    [Fact]
    public async Task Rows_of_confirmed_events_go_with_the_next_transaction_or_by_themselves_soon()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher, options => options.SweepAge = TimeSpan.FromMinutes(1));
        await replica.Batch.HandleAsync("orders", Batch(10, InsertAsync), Cancellation);
        await Wait.UntilAsync("all are taken", () => Broker.Taken.Count == 10);

        await Wait.UntilAsync("no row is left", async () => await Database.OutboxAsync() == 0);

        (await EffectsAsync()).Count.ShouldBe(10);
    }

    private TransactionalDelivery[] Batch(int count, BatchHandling handleAsync)
    {
        return [.. Enumerable.Range(0, count).Select(_ => Delivery() with { HandleBatchAsync = CountedAsync })];

        Task CountedAsync(IBatchTransaction transaction, IReadOnlyList<HandledEvent> events, CancellationToken cancellationToken)
        {
            _calls.Enqueue((events.Count, transaction.IsRetry));
            return handleAsync(transaction, events, cancellationToken);
        }
    }

    /// <summary>The effect: a row, an event caused, and something to do after the commit, for each.</summary>
    private Task InsertAsync(IBatchTransaction transaction, IReadOnlyList<HandledEvent> events, CancellationToken cancellationToken)
    {
        transaction.Add(new NpgsqlBatchCommand("INSERT INTO effects SELECT unnest($1)")
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(one => one.Event.EventId)] } },
        });
        foreach (var one in events)
        {
            var batched = new BatchedEvent<OrderCreated>(one, (OrderCreated)one.Delivery.Event);
            batched.Context.Publish(new OrderProcessed { OrderId = batched.Body.OrderId });
            batched.OnCommitted(() => Interlocked.Increment(ref _committed));
        }

        return Task.CompletedTask;
    }
}
