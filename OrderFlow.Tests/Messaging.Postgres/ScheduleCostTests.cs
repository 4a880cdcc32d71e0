using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>A measurement, run by name: <c>-explicit only -class OrderFlow.Tests.Messaging.Postgres.ScheduleCostTests</c>.</summary>
public sealed class ScheduleCostTests(PostgresFixture postgres, ITestOutputHelper output) : DurabilityTest(postgres)
{
    private const int Warmup = 100;
    private const int Rounds = 1000;

    [Theory(Explicit = true)]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Two_transactions_of_an_order_with_and_without_a_deadline(int orders)
    {
        var replica = await StartReplicaAsync();
        var took = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        var logged = new Dictionary<bool, long> { [true] = 0, [false] = 0 };
        for (var round = -Warmup; round < Rounds; round++)
        {
            // In turns, so that both meet the same neighbours on the machine.
            foreach (var scheduled in (bool[])(round % 2 == 0 ? [true, false] : [false, true]))
            {
                string[] ids = [.. Enumerable.Range(0, orders).Select(_ => Guid.CreateVersion7().ToString())];
                var (began, from) = (Stopwatch.GetTimestamp(), await LoggedAsync());
                await HandleAsync(
                    replica,
                    ids,
                    (context, id) =>
                        context.PublishAt(
                            new OrderPaymentOverdue { OrderId = id, PaymentId = id }, TimeProvider.System.GetUtcNow().AddMinutes(15), id),
                    scheduled);
                await HandleAsync(replica, ids, (context, id) => context.CancelScheduled<OrderPaymentOverdue>(id), scheduled);
                if (round >= 0)
                {
                    took[scheduled].Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / orders);
                    logged[scheduled] += await LoggedAsync() - from;
                }
            }
        }

        double[] with = [.. took[true].Order()];
        double[] without = [.. took[false].Order()];
        output.WriteLine(
            $"{orders} orders: median {with[Rounds / 2]:0} µs an order with, {without[Rounds / 2]:0} µs without; "
            + $"{logged[true] / (Rounds * orders)} bytes of WAL an order with, {logged[false] / (Rounds * orders)} without");
        (await Database.CountAsync("scheduled_events")).ShouldBe(0);
    }

    private Task<long> LoggedAsync() => Database.ScalarAsync<long>("SELECT (pg_current_wal_lsn() - '0/0')::bigint");

    private static Task<DeliveryOutcome[]> HandleAsync(
        Replica replica, string[] ids, Action<ITransactionalContext, string> more, bool scheduled) => replica.Batch.HandleAsync(
        "orders",
        [
            .. ids.Select(id => Delivery(handler: async (context, @event, cancellationToken) =>
            {
                await RecordEffectAsync(context, @event, cancellationToken);
                if (scheduled)
                {
                    more(context, id);
                }
            })),
        ],
        Cancellation);
}
