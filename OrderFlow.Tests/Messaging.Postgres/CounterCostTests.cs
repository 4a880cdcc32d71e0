using System.Diagnostics;
using Npgsql;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Inbox;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>A measurement, run by name: <c>-explicit only -class OrderFlow.Tests.Messaging.Postgres.CounterCostTests</c>.</summary>
public sealed class CounterCostTests(PostgresFixture postgres, ITestOutputHelper output) : DurabilityTest(postgres)
{
    private const int Warmup = 200;
    private const int Rounds = 1500;

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_transaction_with_and_without_counts(int events)
    {
        var replica = await StartReplicaAsync(Parts.Counters);
        var durations = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        for (var round = -Warmup; round < Rounds; round++)
        {
            // In turns, so that both meet the same neighbours on the machine.
            foreach (var counted in (bool[])(round % 2 == 0 ? [true, false] : [false, true]))
            {
                var took = await TransactAsync(replica, events, counted);
                if (round >= 0)
                {
                    durations[counted].Add(took.TotalMicroseconds);
                }
            }
        }

        double[] with = [.. durations[true].Order()];
        double[] without = [.. durations[false].Order()];
        output.WriteLine(
            $"{events} events: median {with[Rounds / 2]:0} µs with, "
            + $"{without[Rounds / 2]:0} µs without, ratio {with[Rounds / 2] / without[Rounds / 2]:0.000}; "
            + $"means {with.Average():0} and {without.Average():0}, ratio {with.Average() / without.Average():0.000}");
        (await Database.CountAsync("effects")).ShouldBe(2L * events * (Warmup + Rounds));
    }

    private static async Task<TimeSpan> TransactAsync(Replica replica, int events, bool counted)
    {
        var deliveries = Deliveries(events);
        var effects = new TransactionEffects(
            replica.Get<IEncodedEventPublisher>(), replica.Get<DurableCounters>(), TimeProvider.System);
        var began = Stopwatch.GetTimestamp();
        await using var connection = await replica.Get<NpgsqlDataSource>().OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await InboxTable.ClaimAsync(connection, "orders", [.. deliveries.Select(delivery => delivery.Context.EventId)], Cancellation);
        foreach (var delivery in deliveries)
        {
            var context = new TransactionalContext(delivery.Context, delivery, effects, transaction);
            await delivery.HandleAsync(context, delivery.Event, Cancellation);
            if (counted)
            {
                effects.Counts.Add(replica.Get<DurableCounters>().Effects, 1, delivery.EventType, delivery.Handler);
                effects.Counts.Add(Replica.Things, 1, "red");
            }
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(OutboxBatches.ToInsert(effects.Caused, new DurabilityOptions { SweepAge = TimeSpan.FromHours(1) }).Insert);
        if (counted)
        {
            batch.BatchCommands.Add(effects.Counts.ToCommand());
        }

        await batch.ExecuteNonQueryAsync(Cancellation);
        await transaction.CommitAsync(Cancellation);
        return Stopwatch.GetElapsedTime(began);
    }
}
