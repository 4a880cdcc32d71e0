using System.Collections.Concurrent;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

#pragma warning disable CA5394 // The seed is printed so that a failure can be repeated.

public sealed class ConcurrencyTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task Of_two_transactions_with_one_event_the_second_waits_and_finds_a_duplicate()
    {
        var replica = await StartReplicaAsync();
        var id = Guid.CreateVersion7();
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var first = replica.Batch.HandleAsync("orders", [Delivery(id, async (context, @event, cancellationToken) =>
        {
            await RecordEffectAsync(context, @event, cancellationToken);
            entered.SetResult();
            await leave.Task;
        })], Cancellation);
        await entered.Task;

        var second = replica.Batch.HandleAsync("orders", [Delivery(id)], Cancellation);
        await Wait.UntilAsync(() =>
            Database.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"));
        second.IsCompleted.ShouldBeFalse();
        leave.SetResult();

        (await first)[0].Status.ShouldBe(DeliveryStatus.Handled);
        (await second)[0].Status.ShouldBe(DeliveryStatus.Duplicate);
        (await EffectsAsync()).ShouldBe([id]);
    }

    [Fact]
    public async Task If_the_first_of_them_rolls_back_the_second_handles_the_event()
    {
        var replica = await StartReplicaAsync();
        var id = Guid.CreateVersion7();
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var first = replica.Batch.HandleAsync("orders", [Delivery(id, async (_, _, _) =>
        {
            entered.SetResult();
            await leave.Task;
            throw new InvalidOperationException("no");
        })], Cancellation);
        await entered.Task;
        var second = replica.Batch.HandleAsync("orders", [Delivery(id)], Cancellation);
        leave.SetResult();

        (await first)[0].Status.ShouldBe(DeliveryStatus.Failed);
        (await second)[0].Status.ShouldBe(DeliveryStatus.Handled);
    }

    [Fact]
    public async Task Overlapping_random_batches_on_two_replicas_have_every_effect_once()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        Replica[] replicas =
        [
            await StartReplicaAsync(Parts.Dispatcher | Parts.Sweeper),
            await StartReplicaAsync(Parts.Dispatcher | Parts.Sweeper),
        ];
        var events = Enumerable.Range(0, 600).Select(_ => Guid.CreateVersion7()).ToArray();
        var handled = new ConcurrentBag<Guid>();
        var failures = new ConcurrentBag<Exception>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            // Every event at least once per worker, in an order of its own, in batches of any size, with some twice.
            var queue = new Queue<Guid>(events.Concat(events.Take(50)).OrderBy(_ => random.Next()));
            while (queue.Count > 0)
            {
                TransactionalDelivery[] batch =
                [
                    .. Enumerable.Range(0, Math.Min(random.Next(1, 60), queue.Count)).Select(_ => Delivery(queue.Dequeue())),
                ];
                var outcomes = await replicas[worker % 2].Batch.HandleAsync("orders", batch, Cancellation);
                foreach (var (delivery, outcome) in batch.Zip(outcomes))
                {
                    if (outcome.Status == DeliveryStatus.Handled)
                    {
                        handled.Add(delivery.Context.EventId);
                    }
                    else if (outcome.Exception is { } failure)
                    {
                        failures.Add(failure);
                    }
                }
            }
        }, Cancellation)));

        failures.ShouldBeEmpty($"seed {seed}");
        handled.ShouldBe(events, ignoreOrder: true, $"seed {seed}");
        await EveryEffectOnceAndPublishedAsync(events);
        Broker.Overlaps.ShouldBeEmpty($"seed {seed}");
    }

    [Fact]
    public async Task Two_replicas_that_dispatch_and_sweep_the_same_rows_never_have_one_under_way_twice()
    {
        // The broker confirms later than sweeps may take rows: whoever publishes them must keep its lease of them.
        Broker.BeforeConfirm = _ => Task.Delay(6000, CancellationToken.None);
        Replica[] replicas =
        [
            await StartReplicaAsync(Parts.Dispatcher | Parts.Sweeper, Racing),
            await StartReplicaAsync(Parts.Dispatcher | Parts.Sweeper, Racing),
            await StartReplicaAsync(Parts.Sweeper, Racing),
        ];
        var deliveries = Deliveries(1000);

        await Task.WhenAll(deliveries.Chunk(10).Select((batch, i) => (batch, i)).GroupBy(work => work.i % 4).Select(async works =>
        {
            foreach (var (batch, i) in works)
            {
                (await replicas[i % 2].Batch.HandleAsync("orders", batch, Cancellation)).ShouldAllBe(
                    outcome => outcome.Status == DeliveryStatus.Handled);
            }
        }));

        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
        Broker.Overlaps.ShouldBeEmpty();
        // Nothing crashed, so nothing was published twice.
        Broker.Taken.Count.ShouldBe(1000);

        static void Racing(DurabilityOptions options) => (options.SweepInterval, options.SweepAge, options.PublishBatch) = (
            TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(4), 25);
    }
}
