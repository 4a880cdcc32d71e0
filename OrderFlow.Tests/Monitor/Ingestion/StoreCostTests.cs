using System.Diagnostics;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Ingestion;

/// <summary>A measurement, run by name: <c>-explicit only -class OrderFlow.Tests.Monitor.Ingestion.StoreCostTests</c>.</summary>
[Collection("Monitor")]
public sealed class StoreCostTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Batches = 120;
    private const int OrdersPerBatch = 200;

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Storing_an_event_costs(bool withKeys)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StoreOnlyAsync(database.ConnectionString, TimeProvider.System);
        var store = monitor.Get<EventStore>();
        var took = new List<double>();
        var before = "";
        for (var batch = -20; batch < Batches; batch++)
        {
            if (batch == 0)
            {
                before = await database.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text");
            }

            List<TappedMessage> events = [.. Enumerable.Range(0, OrdersPerBatch).Select(_ => OrderEvents.From(DateTimeOffset.UtcNow))
                // As the Gateway derives it from an idempotency key.
                .SelectMany(
                    order =>
                        order.All.Select(
                            one =>
                                withKeys && one == order.Created
                                    ? one with { Context = one.Context with { EventId = Guid.NewGuid() } }
                                    : one))
                .Select(one => one.Tapped())];
            var began = Stopwatch.GetTimestamp();
            await store.StoreAsync(events, TestContext.Current.CancellationToken);
            if (batch >= 0)
            {
                took.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / events.Count);
            }
        }

        var wal = await database.ScalarAsync<long>($"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{before}')::bigint");
        took.Sort();
        output.WriteLine(
            $"keys {withKeys}: median {took[took.Count / 2]:0.0} µs, mean {took.Average():0.0} µs, "
            + $"{wal / (5.0 * OrdersPerBatch * Batches):0} bytes of WAL an event");
    }
}
