using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Monitor.Reconciliation;
using OrderFlow.Monitor.Storage;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Storage;

[Collection("Monitor")]
public sealed class RetentionTests(PostgresFixture postgres)
{
    private const string Service = "notification-service";
    private const string NoBroker = "amqp://nobody:nothing@127.0.0.1:1";
    private const string Partitions =
        "SELECT array_agg(child.relname::text ORDER BY child.relname) FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
        + "WHERE inhparent = 'chunks'::regclass";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public async Task Days_beyond_the_retention_are_dropped_with_their_flows()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        await monitor.ReceiveAsync(OrderEvents.From(_time.GetUtcNow()).All);
        _time.Advance(TimeSpan.FromDays(1));
        var kept = OrderEvents.From(_time.GetUtcNow());
        await monitor.ReceiveAsync(kept.All);
        _time.Advance(TimeSpan.FromDays(7));

        await monitor.Get<Retention>().DropOldAsync(TestContext.Current.CancellationToken);

        (await database.CountAsync("events")).ShouldBe(5);
        (await database.ScalarAsync<string>("SELECT string_agg(correlation_id, ' ') FROM flows")).ShouldBe(kept.CorrelationId);
        (await database.ScalarAsync<long>("SELECT sum(count)::bigint FROM event_counts")).ShouldBe(5);
        (await database.ScalarAsync<string[]>(Partitions)).ShouldNotContain("chunks_20260102");
    }

    [Fact]
    public async Task Clock_ahead_of_the_database_drops_nothing_early()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var now = DateTimeOffset.UtcNow;
        var time = new JumpingTimeProvider(now);
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, time);
        await monitor.ReceiveAsync(OrderEvents.From(now).All);
        time.Jump(TimeSpan.FromDays(300));

        await monitor.Get<Retention>().DropOldAsync(TestContext.Current.CancellationToken);

        (await database.CountAsync("events")).ShouldBe(5);
        (await database.CountAsync("flows")).ShouldBe(1);
    }

    [Fact]
    public async Task Counts_and_dead_letters_for_the_reconciliation_outlive_the_retention()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var (waits, settled) = (OrderEvents.From(_time.GetUtcNow()), OrderEvents.From(_time.GetUtcNow()));
        await monitor.ReceiveAsync(waits.All.Concat(settled.All));
        foreach (var (kind, after) in new[] { (LifecycleEventNames.RetryQueued, 1), (LifecycleEventNames.DeadLettered, 2) })
        {
            await monitor.ReceiveAsync(
                waits.Processed.LifecycleEvent(Service, kind, _time.GetUtcNow().AddSeconds(after)),
                settled.Processed.LifecycleEvent(Service, kind, _time.GetUtcNow().AddSeconds(after)));
        }

        await monitor.ReceiveAsync(
            settled.Processed.LifecycleEvent(Service, LifecycleEventNames.Replayed, _time.GetUtcNow().AddSeconds(3)),
            settled.Processed.LifecycleEvent(Service, LifecycleEventNames.Handled, _time.GetUtcNow().AddSeconds(4)));
        _time.Advance(TimeSpan.FromDays(9));

        await monitor.Get<Retention>().DropOldAsync(TestContext.Current.CancellationToken);

        (await database.CountAsync("event_counts")).ShouldBe(0);
        (await database.ScalarAsync<string>("SELECT kind || ' ' || event_id FROM handling"))
            .ShouldBe($"dead-lettered {waits.Processed.Context.EventId}");
        var (published, letters) = await monitor.Get<StoredCounts>().ReadAsync(TestContext.Current.CancellationToken);
        published.ShouldBe(waits.All.ToDictionary(@event => @event.WireType, _ => 2L), ignoreOrder: true);
        letters.ShouldHaveSingleItem().ShouldBe(new((Service, "order.processed"), new DeadLetterCount(1, 0)));
    }

    [Fact]
    public async Task Replicas_create_each_partition_once()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        _time.Advance(TimeSpan.FromDays(30));

        await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => monitor.Get<Retention>().MakeAheadAsync(TestContext.Current.CancellationToken)));

        (await database.ScalarAsync<string[]>(Partitions)).TakeLast(3).ShouldBe(["chunks_20260201", "chunks_20260202", "chunks_20260203"]);
    }

    [Fact]
    public async Task Redelivered_event_of_an_older_day_is_not_stored_again()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await StartAsync(database);
        var order = OrderEvents.From(_time.GetUtcNow());
        // As the Gateway derives an id from an idempotency key.
        var created = order.Created with
        {
            Context = order.Created.Context with { EventId = new Guid("0f2b1a34-5c6d-8e7f-9a0b-1c2d3e4f5a6b") },
        };
        await monitor.ReceiveAsync(created);
        _time.Advance(TimeSpan.FromDays(2));

        await monitor.ReceiveAsync(
            created.PublishedAt(_time.GetUtcNow()) with
            {
                Context = created.Context with
                {
                    PublishedAtMicros = OrderFlow.Messaging.LatencyLedger.UnixMicroseconds.From(_time.GetUtcNow()),
                    CorrelationId = "another",
                },
            });

        (await database.CountAsync("events")).ShouldBe(1);
        (await database.CountAsync("flows")).ShouldBe(1);
    }

    private async Task<RunningMonitor> StartAsync(TestDatabase database)
    {
        var monitor = await RunningMonitor.StartAsync(NoBroker, database.ConnectionString, _time);
        await monitor.Get<OrderFlow.Messaging.Postgres.Migrations.ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return monitor;
    }
}
