using Npgsql;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class CounterLeaderTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    private const string Effects = "events.effects order.created RecordEffect";

    [Fact]
    public async Task Known_series_are_told_as_0_before_anything_is_counted()
    {
        var replica = await StartReplicaAsync(Parts.Counters, options => options.CounterHandover = TimeSpan.FromMinutes(10));
        using var metrics = new CountedMetrics(replica);

        await Wait.UntilAsync(() => metrics.Ask().Count > 0);

        metrics.Ask().ShouldBe(new Dictionary<string, long> { ["tests.things red"] = 0, ["tests.things blue"] = 0 }, ignoreOrder: true);
    }

    [Fact]
    public async Task One_replica_tells_what_all_have_counted_and_folds_it()
    {
        Replica[] replicas =
        [
            await StartReplicaAsync(Parts.Counters),
            await StartReplicaAsync(Parts.Counters),
            await StartReplicaAsync(Parts.Counters),
        ];
        CountedMetrics[] metrics = [.. replicas.Select(replica => new CountedMetrics(replica))];

        foreach (var replica in replicas)
        {
            await replica.Batch.HandleAsync("orders", Deliveries(5), Cancellation);
        }

        await Wait.UntilAsync(() => metrics.Sum(one => one.Of(Effects) ?? 0) == 15);
        metrics.Count(one => one.Ask().Count > 0).ShouldBe(1);
        await Wait.UntilAsync(async () => await Database.CountAsync("durable_counts") == 0);
        (await Database.ScalarAsync<long>("SELECT total FROM durable_totals WHERE counter = 'events.effects'")).ShouldBe(15);
        Array.ForEach(metrics, one => one.Dispose());
    }

    [Fact]
    public async Task When_the_replica_that_tells_is_gone_another_one_tells_after_the_handover()
    {
        // Stopping the first alone lets the test see who has exported, whatever the machine's load.
        var first = await Replica.StartAsync(Database.ConnectionString, Broker, Parts.Counters);
        using var before = new CountedMetrics(first);
        await Wait.UntilAsync(() => before.Ask().Count > 0);
        var second = await StartReplicaAsync(Parts.Counters, options => options.CounterHandover = TimeSpan.FromMilliseconds(300));
        using var after = new CountedMetrics(second);
        await first.Batch.HandleAsync("orders", Deliveries(7), Cancellation);
        await Wait.UntilAsync(() => before.Of(Effects) == 7);
        after.Ask().ShouldBeEmpty();

        await first.DisposeAsync();

        before.Ask().ShouldBeEmpty();
        await Wait.UntilAsync(() => after.Of(Effects) == 7);
    }

    [Fact]
    public async Task A_replica_that_loses_its_session_to_another_is_silent()
    {
        var first = await StartReplicaAsync(Parts.Counters);
        using var before = new CountedMetrics(first);
        await Wait.UntilAsync(() => before.Ask().Count > 0);

        // Another takes the lock in the moment in which the first has lost it, as after a broken line.
        await using var other = await Database.Source.OpenConnectionAsync(Cancellation);
        await using (var waiting = other.CreateCommand())
        {
            waiting.CommandText = $"SELECT pg_advisory_lock({CounterLeader.Lock})";
            var locked = waiting.ExecuteNonQueryAsync(Cancellation);
            await Database.EndSessionsAsync();
            await locked;
        }

        await Wait.UntilAsync(() => before.Ask().Count == 0);
    }

    [Fact]
    public async Task The_sum_over_replicas_comes_to_the_truth_although_sessions_die_while_they_count()
    {
        Replica[] replicas = [await StartReplicaAsync(Parts.Counters), await StartReplicaAsync(Parts.Counters)];
        CountedMetrics[] metrics = [.. replicas.Select(replica => new CountedMetrics(replica))];
        var deliveries = Deliveries(600);
        var batches = 0;

        var lanes = deliveries.Chunk(10).Select((batch, i) => (batch, i)).GroupBy(work => work.i % 4);
        await Task.WhenAll(lanes.Select(works => Task.Run(async () =>
        {
            foreach (var (batch, i) in works)
            {
                if (Interlocked.Increment(ref batches) % 12 == 6)
                {
                    await Database.EndSessionsAsync();
                }

                TransactionalDelivery[] open = batch;
                while (open.Length > 0)
                {
                    var outcomes = await replicas[i % 2].Batch.HandleAsync("orders", open, Cancellation);
                    open = [.. open.Zip(outcomes).Where(pair => pair.Second.Status == DeliveryStatus.Failed).Select(pair => pair.First)];
                }
            }
        }, Cancellation)));

        (await EffectsAsync()).Count.ShouldBe(600);
        await Wait.UntilAsync(() => metrics.Sum(one => one.Of(Effects) ?? 0) == 600 && metrics.Count(one => one.Ask().Count > 0) == 1);
        Array.ForEach(metrics, one => one.Dispose());
    }

    [Fact]
    public async Task The_last_numbers_stand_for_the_lease_while_the_database_is_away_and_never_fall()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE effects (event_id uuid NOT NULL)");
        await using var replica = await Replica.StartAsync(database.ConnectionString, Broker, Parts.Counters);
        using var metrics = new CountedMetrics(replica);
        await replica.Batch.HandleAsync("orders", Deliveries(20), Cancellation);
        await Wait.UntilAsync(() => metrics.Of(Effects) == 20);

        await server.KillAsync();
        (metrics.Of(Effects) ?? 20).ShouldBe(20);
        await server.StartAsync();

        // Exported without a pause, or not at all from the end of the lease until the server has given the lock of the lost session back;
        // never less.
        await Wait.UntilAsync(async () =>
        {
            (metrics.Of(Effects) ?? 20).ShouldBeGreaterThanOrEqualTo(20);
            var outcome = (await replica.Batch.HandleAsync("orders", Deliveries(1), Cancellation)).ShouldHaveSingleItem();
            return outcome.Status == DeliveryStatus.Handled;
        });
        await Wait.UntilAsync(() => metrics.Of(Effects) == 21);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_replica_whose_line_to_the_database_is_severed_and_its_successor_never_both_tell(bool silently)
    {
        var direct = new NpgsqlConnectionStringBuilder(Database.ConnectionString);
        await using var line = new SeveringProxy(direct.Port);
        var throughLine = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Host = "127.0.0.1", Port = line.Port };
        await using var first = await Replica.StartAsync(throughLine.ConnectionString, Broker, Parts.Counters, Lease);
        using var before = new CountedMetrics(first);
        await first.Batch.HandleAsync("orders", Deliveries(7), Cancellation);
        await Wait.UntilAsync(() => before.Of(Effects) == 7);
        var second = await StartReplicaAsync(Parts.Counters, Lease);
        using var after = new CountedMetrics(second);

        // The server gives the lock of the first away; the first is informed, or is not.
        line.IsStalled = silently;
        await Database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()");

        await Wait.UntilAsync(() =>
        {
            // In this order: what the first says now must not be beside what the second has said already.
            var (told, alsoTold) = (after.Ask().Count > 0, before.Ask().Count > 0);
            (told && alsoTold).ShouldBeFalse();
            return silently ? told : told || alsoTold;
        });
        line.IsStalled = false;
        await Wait.UntilAsync(() => (after.Of(Effects) ?? before.Of(Effects)) == 7);

        static void Lease(DurabilityOptions options) => options.CounterLease = TimeSpan.FromMilliseconds(600);
    }
}
