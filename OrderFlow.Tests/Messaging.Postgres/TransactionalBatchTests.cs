using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class TransactionalBatchTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task A_batch_has_its_effects_and_its_events_are_published_with_their_lineage()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var deliveries = Deliveries(50);

        var outcomes = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        outcomes.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
        foreach (var published in Broker.Taken)
        {
            var delivery = deliveries.Single(delivery => delivery.Context.EventId == published.Context.CausationId);
            published.WireType.ShouldBe("order.processed");
            OrderProcessed.Parser.ParseFrom(published.Body.Span).OrderId.ShouldBe("order-1");
            published.Context.ShouldBe(
                delivery.Context with { EventId = published.Context.EventId, CausationId = delivery.Context.EventId });
        }
    }

    [Fact]
    public async Task Later_deliveries_of_an_event_and_twins_in_a_batch_have_no_effect()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var id = Guid.CreateVersion7();

        var first = await replica.Batch.HandleAsync("orders", [Delivery(id), Delivery(), Delivery(id)], Cancellation);
        var second = await replica.Batch.HandleAsync("orders", [Delivery(id)], Cancellation);
        var other = await replica.Batch.HandleAsync("another-consumer", [Delivery(id)], Cancellation);

        first.Select(outcome => outcome.Status).ShouldBe([DeliveryStatus.Handled, DeliveryStatus.Handled, DeliveryStatus.Duplicate]);
        second.ShouldHaveSingleItem().Status.ShouldBe(DeliveryStatus.Duplicate);
        other.ShouldHaveSingleItem().Status.ShouldBe(DeliveryStatus.Handled);
        (await EffectsAsync()).Count(effect => effect == id).ShouldBe(2);
    }

    [Fact]
    public async Task One_bad_event_in_a_batch_of_50_fails_alone()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var poison = Delivery(handler: async (context, @event, cancellationToken) =>
        {
            await RecordEffectAsync(context, @event, cancellationToken);
            throw new InvalidOperationException("poison");
        });
        var good = Deliveries(49);

        var outcomes = await replica.Batch.HandleAsync("orders", [.. good.Take(20), poison, .. good.Skip(20)], Cancellation);

        outcomes[20].Status.ShouldBe(DeliveryStatus.Failed);
        outcomes[20].Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("poison");
        outcomes[20].IsTransient.ShouldBeFalse();
        outcomes.Count(outcome => outcome.Status == DeliveryStatus.Handled).ShouldBe(49);
        await EveryEffectOnceAndPublishedAsync(good.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public async Task A_database_error_that_a_handler_swallows_is_a_failure_not_a_silent_rollback()
    {
        var replica = await StartReplicaAsync();
        var swallowing = Delivery(handler: async (context, @event, cancellationToken) =>
        {
            await using var broken = new NpgsqlCommand("SELECT 1 / 0", context.Connection);
            await Should.ThrowAsync<PostgresException>(() => broken.ExecuteScalarAsync(cancellationToken));
        });
        var good = Delivery();

        var outcomes = await replica.Batch.HandleAsync("orders", [swallowing, good], Cancellation);

        outcomes.Select(outcome => outcome.Status).ShouldBe([DeliveryStatus.Failed, DeliveryStatus.Handled]);
        (await EffectsAsync()).ShouldBe([good.Context.EventId]);
        (await Database.CountAsync("inbox")).ShouldBe(1);
    }

    [Fact]
    public async Task A_handler_that_ends_the_transaction_is_told_so()
    {
        var replica = await StartReplicaAsync();
        var meddling = Delivery(handler: (context, _, cancellationToken) => context.Transaction.RollbackAsync(cancellationToken));

        var outcome = (await replica.Batch.HandleAsync("orders", [meddling], Cancellation)).ShouldHaveSingleItem();

        outcome.Status.ShouldBe(DeliveryStatus.Failed);
        outcome.Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("the bus ends the transaction");
    }

    [Fact]
    public async Task Publishing_after_the_handler_has_returned_is_refused()
    {
        var replica = await StartReplicaAsync();
        ITransactionalContext? kept = null;
        var keeping = Delivery(handler: (context, _, _) =>
        {
            kept = context;
            return Task.CompletedTask;
        });

        await replica.Batch.HandleAsync("orders", [keeping], Cancellation);

        Should.Throw<InvalidOperationException>(() => kept!.Publish(new OrderProcessed())).Message.ShouldContain("Await everything");
        (await Database.OutboxAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Two_transactions_that_wait_for_each_other_are_a_transient_failure_at_worst()
    {
        var replica = await StartReplicaAsync();
        await Database.ExecuteAsync("CREATE TABLE stock (item int PRIMARY KEY); INSERT INTO stock VALUES (1), (2)");
        using var bothHoldOne = new Barrier(2);

        // Each single delivery takes the two rows in the opposite order of the other: PostgreSQL ends one of them.
        var outcomes = await Task.WhenAll(HandleAsync(1, 2), HandleAsync(2, 1));

        var failed = outcomes.Single(outcome => outcome.Status == DeliveryStatus.Failed);
        failed.Exception.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.DeadlockDetected);
        failed.IsTransient.ShouldBeTrue();

        async Task<DeliveryOutcome> HandleAsync(int first, int second)
        {
            var delivery = Delivery(handler: async (context, _, cancellationToken) =>
            {
                await LockAsync(context, first, cancellationToken);
                bothHoldOne.SignalAndWait(TimeSpan.FromSeconds(10), cancellationToken).ShouldBeTrue();
                await LockAsync(context, second, cancellationToken);
            });
            return (await Task.Run(() => replica.Batch.HandleAsync("orders", [delivery], Cancellation)))[0];
        }

        static async Task LockAsync(ITransactionalContext context, int item, CancellationToken cancellationToken)
        {
            await using var command = new NpgsqlCommand("SELECT FROM stock WHERE item = $1 FOR UPDATE", context.Connection)
            {
                Parameters = { new() { Value = item } },
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    [Fact]
    public async Task A_stop_leaves_nothing_half_done()
    {
        var replica = await StartReplicaAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var stopping = Delivery(handler: async (context, @event, cancellationToken) =>
        {
            await RecordEffectAsync(context, @event, cancellationToken);
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        });

        await Should.ThrowAsync<OperationCanceledException>(() => replica.Batch.HandleAsync("orders", [Delivery(), stopping], stop.Token));

        (await EffectsAsync()).ShouldBeEmpty();
        (await Database.CountAsync("inbox")).ShouldBe(0);
        (await Database.OutboxAsync()).ShouldBe(0);
    }
}
