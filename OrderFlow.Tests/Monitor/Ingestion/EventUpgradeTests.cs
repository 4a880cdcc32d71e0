using Microsoft.Extensions.Logging.Abstractions;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Ingestion;

/// <summary>The store of an older version, which had a row for each event and each span.</summary>
[Collection("Monitor")]
public sealed class EventUpgradeTests(PostgresFixture postgres)
{
    private const int LastOfOlderVersion = 85;

    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_of_an_older_version_are_packed_and_answered_as_before()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var order = OrderEvents.From(Now);
        await OlderStoreAsync(database, order);
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, new JumpingTimeProvider(Now));

        // Delivered again, and one that is new.
        await monitor.ReceiveAsync(order.All);

        (await database.CountAsync("events")).ShouldBe(5);
        (await database.ScalarAsync<long>("SELECT sum(events)::bigint FROM flows")).ShouldBe(5);
        (await database.ScalarAsync<bool>("SELECT to_regclass('old_events') IS NULL")).ShouldBeTrue();
        var life = await monitor.GetJsonAsync($"/api/orders/{order.OrderId}");
        life.GetProperty("steps").EnumerateArray()
            .Select(step => step.GetProperty("event").GetProperty("type").GetString())
            .ShouldBe(order.All.Select(one => one.WireType));
        var found = await monitor.GetJsonAsync($"/api/events/{order.Created.Context.EventId}");
        found.GetProperty("event").GetProperty("source").GetString().ShouldBe("gateway");
        found.GetProperty("headers").GetProperty("tracestate").GetString().ShouldBe("vendor=1");
    }

    /// <summary>A store as version 85 left it, with the first four events of an order.</summary>
    private static async Task OlderStoreAsync(TestDatabase database, OrderEvents order)
    {
        var all = MigrationSet.FromResources("events", typeof(EventStore).Assembly, "OrderFlow.Monitor.Storage.Migrations.");
        var older = new MigrationSet("events", [.. all.Migrations.Where(one => one.Version <= LastOfOlderVersion)]);
        await new MigrationRunner(database.Source, NullLogger<MigrationRunner>.Instance).RunAsync(older, CancellationToken);
        await database.ExecuteAsync("""
            CREATE TABLE events_20260305 PARTITION OF events FOR VALUES FROM ('2026-03-05') TO ('2026-03-06');
            CREATE TABLE spans_20260305 PARTITION OF spans FOR VALUES FROM ('2026-03-05') TO ('2026-03-06');
            INSERT INTO traces VALUES ('\x01', now(), now(), 29, 0, '{shop}', 'shop', 'POST /orders');
            """);
        foreach (var one in order.All.Take(4).Select(one => StoredEvent.Of(one.Tapped())))
        {
            var cause = one.CausationId is { } id ? $"'{id}'" : "NULL";
            await database.ExecuteAsync($"""
                INSERT INTO events (day, event_id, correlation_id, causation_id, wire_type, version, source, aggregate_id, user_id, flow,
                    origin, published_at, attempt, replayed, traceparent, headers, body)
                VALUES ('2026-03-05', '{one.EventId}', '{one.CorrelationId}', {cause}, '{one.WireType}', {one.Version}, '{one.Source}',
                    '{one.AggregateId}', '{one.UserId}', '{one.Flow}', to_timestamp({one.OriginMicros} / 1e6),
                    to_timestamp({one.PublishedMicros} / 1e6), 1, false, '{one.TraceParent}', '{one.Headers}',
                    '\x{Convert.ToHexString(one.Body.Span)}')
                """);
        }

        await database.ExecuteAsync($"""
            INSERT INTO flows (correlation_id, aggregate_id, flow, user_id, started_at, events, last_event_at)
            VALUES ('{order.CorrelationId}', '{order.OrderId}', 'OrderCreationFlow', 'user-1', '2026-03-05 12:00Z', 4, '2026-03-05 12:00Z')
            """);
    }
}
