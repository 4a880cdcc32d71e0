using Npgsql;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class CrashTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task Sessions_that_end_while_a_handler_works_cost_a_second_try_and_nothing_else()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        var ended = false;
        var struck = Delivery(handler: async (context, @event, cancellationToken) =>
        {
            if (!ended)
            {
                ended = true;
                await Database.EndSessionsAsync();
            }

            await RecordEffectAsync(context, @event, cancellationToken);
        });
        IReadOnlyList<TransactionalDelivery> deliveries = [.. Deliveries(5), struck, .. Deliveries(5)];

        var outcomes = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        outcomes.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public async Task A_session_that_ends_during_the_commit_has_no_effect_until_the_event_is_handled_again()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        await Database.ExecuteAsync("""
            CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON effects DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION end_session();
            """);
        var deliveries = Deliveries(3);

        var struck = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        struck.ShouldAllBe(
            outcome => outcome.Status == DeliveryStatus.Failed && outcome.IsTransient && outcome.Exception is CommitUnknownException);
        (await EffectsAsync()).ShouldBeEmpty();
        await Database.ExecuteAsync("DROP TRIGGER at_commit ON effects");
        var again = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);
        again.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public Task A_commit_that_never_reached_the_server_is_done_again() => CutDuringCommitAsync(Cut.BeforeCommit, DeliveryStatus.Handled);

    [Fact]
    public Task A_commit_whose_answer_is_lost_is_found_in_the_inbox() => CutDuringCommitAsync(Cut.AfterCommit, DeliveryStatus.Duplicate);

    [Fact]
    public async Task A_crash_between_commit_and_publish_loses_no_event()
    {
        var deliveries = Deliveries(50);
        await using (var crashing = await Replica.StartAsync(Database.ConnectionString, Broker))
        {
            (await crashing.Batch.HandleAsync("orders", deliveries, Cancellation)).ShouldAllBe(
                outcome => outcome.Status == DeliveryStatus.Handled);
        }

        Broker.Taken.ShouldBeEmpty();
        var survivor = await StartReplicaAsync(Parts.Dispatcher | Parts.Sweeper);

        (await survivor.Batch.HandleAsync("orders", deliveries, Cancellation)).ShouldAllBe(
            outcome => outcome.Status == DeliveryStatus.Duplicate);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
        Broker.Taken.Count.ShouldBe(50);
    }

    [Fact]
    public async Task A_crash_between_publish_and_delete_publishes_again_with_the_same_identity()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher, options => options.SweepAge = TimeSpan.FromMilliseconds(200));
        var deliveries = Deliveries(20);
        Broker.BeforeConfirm = crash => Task.Delay(Timeout.Infinite, crash);

        await replica.Batch.HandleAsync("orders", deliveries, Cancellation);
        await Wait.UntilAsync("all are at the broker", () => Broker.Taken.Count == 20);
        await replica.Get<OutboxDispatcher>().StopAsync(new CancellationToken(canceled: true));
        Broker.BeforeConfirm = _ => Task.CompletedTask;
        await StartReplicaAsync(Parts.Sweeper);

        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
        Broker.Taken.Count.ShouldBeGreaterThan(20);
        Broker.TakenIds.Distinct().Count().ShouldBe(20);
    }

    [Fact]
    public async Task A_database_that_is_down_fails_everything_at_once_as_transient_and_its_return_needs_no_restart()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE effects (event_id uuid NOT NULL)");
        await using var replica = await Replica.StartAsync(database.ConnectionString, Broker, Parts.Dispatcher | Parts.Sweeper);
        var deliveries = Deliveries(20);
        var before = await replica.Batch.HandleAsync("orders", [.. deliveries.Take(10)], Cancellation);

        await server.KillAsync();
        var during = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);
        await server.StartAsync();
        database.Source.Clear();
        var after = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        before.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Handled);
        during.ShouldAllBe(outcome => outcome.Status == DeliveryStatus.Failed && outcome.IsTransient);
        after.Select(outcome => outcome.Status).ShouldBe(
            [.. Enumerable.Repeat(DeliveryStatus.Duplicate, 10), .. Enumerable.Repeat(DeliveryStatus.Handled, 10)]);
        await Wait.UntilAsync(async () => await database.OutboxAsync() == 0);
        (await database.CountAsync("effects")).ShouldBe(20);
        Broker.Taken.Select(@event => @event.Context.CausationId!.Value).Distinct().ShouldBe(
            deliveries.Select(delivery => delivery.Context.EventId), ignoreOrder: true);
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_of_the_stream_loses_and_doubles_nothing()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE effects (event_id uuid NOT NULL)");
        await using var one = await Replica.StartAsync(database.ConnectionString, Broker, Parts.Dispatcher | Parts.Sweeper);
        await using var two = await Replica.StartAsync(database.ConnectionString, Broker, Parts.Dispatcher | Parts.Sweeper);
        var deliveries = Deliveries(2000);
        var handled = 0;

        var lanes = deliveries.Chunk(20).Select((batch, i) => (batch, i)).GroupBy(work => work.i % 4);
        var work = Task.WhenAll(lanes.Select(works => Task.Run(async () =>
        {
            foreach (var (batch, i) in works)
            {
                // As the broker does, deliver again what was not handled.
                TransactionalDelivery[] open = batch;
                while (open.Length > 0)
                {
                    var outcomes = await (i % 2 == 0 ? one : two).Batch.HandleAsync("orders", open, Cancellation);
                    outcomes.ShouldAllBe(outcome => outcome.Exception == null || outcome.IsTransient);
                    open = [.. open.Zip(outcomes).Where(pair => pair.Second.Status == DeliveryStatus.Failed).Select(pair => pair.First)];
                }

                Interlocked.Add(ref handled, batch.Length);
            }
        }, Cancellation)));
        await Wait.UntilAsync(() => Volatile.Read(ref handled) > 400);
        await server.KillAsync();
        var handledBefore = Volatile.Read(ref handled);
        await server.StartAsync();
        await work;

        handledBefore.ShouldBeLessThan(2000);
        database.Source.Clear();
        await Wait.UntilAsync(async () => await database.OutboxAsync() == 0);
        (await database.CountAsync("effects")).ShouldBe(2000);
        (await database.ScalarAsync<long>("SELECT count(DISTINCT event_id) FROM effects")).ShouldBe(2000);
        Broker.Taken.Select(@event => @event.Context.CausationId!.Value).Distinct().ShouldBe(
            deliveries.Select(delivery => delivery.Context.EventId), ignoreOrder: true);
    }

    [Fact]
    public async Task A_replica_that_freezes_in_a_transaction_does_not_hold_up_another()
    {
        var freezing = await StartReplicaAsync(Parts.Dispatcher, options => options.IdleTransactionTimeout = TimeSpan.FromSeconds(1));
        var other = await StartReplicaAsync(Parts.Dispatcher | Parts.Sweeper);
        var id = Guid.CreateVersion7();
        var frozen = new TaskCompletionSource();
        var thaw = new TaskCompletionSource();
        var first = freezing.Batch.HandleAsync("orders", [Delivery(id, async (context, @event, cancellationToken) =>
        {
            frozen.TrySetResult();
            await thaw.Task;
            await RecordEffectAsync(context, @event, cancellationToken);
        })], Cancellation);
        await frozen.Task;

        var second = await other.Batch.HandleAsync("orders", [Delivery(id)], Cancellation);
        thaw.SetResult();

        second[0].Status.ShouldBe(DeliveryStatus.Handled);
        (await first)[0].Status.ShouldBe(DeliveryStatus.Duplicate);
        await EveryEffectOnceAndPublishedAsync([id]);
    }

    private async Task CutDuringCommitAsync(Cut cut, DeliveryStatus secondTry)
    {
        var direct = new NpgsqlConnectionStringBuilder(Database.ConnectionString);
        await using var line = new SeveringProxy(direct.Port);
        var replica = await StartReplicaAsync(
            Parts.Dispatcher,
            connectionString: new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Port = line.Port }.ConnectionString);
        await StartReplicaAsync(Parts.Sweeper);
        line.Next = cut;
        var deliveries = Deliveries(10);
        var outcomes = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        line.Next.ShouldBe(Cut.Never);
        outcomes.ShouldAllBe(outcome => outcome.Status == secondTry);
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }
}
