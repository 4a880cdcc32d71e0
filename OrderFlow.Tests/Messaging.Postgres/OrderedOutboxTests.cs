using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class OrderedOutboxTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task An_event_that_the_broker_refuses_holds_back_the_later_ones_of_its_aggregate_and_no_others()
    {
        var refusing = true;
        Broker.Answer = @event => refusing && NumberOf(@event) == "a1" ? new PublishException(PublishFailure.Nacked, "no") : null;
        var replica = await StartOrderedAsync(
            Parts.Dispatcher | Parts.Sweeper, options => options.RefusedDelay = TimeSpan.FromMilliseconds(300));

        // In one transaction and in later ones.
        await replica.Batch.HandleAsync("orders", [Causing("a", "a0", "a1", "a2"), Causing("b", "b0", "b1")], Cancellation);
        await replica.Batch.HandleAsync("orders", [Causing("a", "a3"), Causing("c", "c0")], Cancellation);

        await Wait.UntilAsync(() => Taken().Count == 4);
        Taken().ShouldBe(["a0", "b0", "b1", "c0"], ignoreOrder: true);
        refusing = false;
        await OutboxIsEmptyAsync();
        Taken("a").ShouldBe(["a0", "a1", "a2", "a3"]);
    }

    [Fact]
    public async Task An_event_that_another_replica_publishes_now_or_has_left_behind_holds_back_the_later_ones()
    {
        var confirm = new TaskCompletionSource();
        Broker.BeforeConfirm = _ => confirm.Task;
        var first = await StartOrderedAsync(Parts.Dispatcher, options => options.SweepAge = TimeSpan.FromMinutes(10));
        var second = await StartOrderedAsync(Parts.Dispatcher, options => options.SweepAge = TimeSpan.FromMinutes(10));
        await first.Batch.HandleAsync("orders", [Causing("a", "a0")], Cancellation);
        await Wait.UntilAsync(() => Broker.Taken.Count == 1);

        await second.Batch.HandleAsync("orders", [Causing("a", "a1"), Causing("b", "b0")], Cancellation);
        await Wait.UntilAsync(() => Taken().Contains("b0"));

        Taken().ShouldBe(["a0", "b0"]);
        confirm.SetResult();
        // Without a sweep: the second replica tries again.
        await OutboxIsEmptyAsync();
        Taken("a").ShouldBe(["a0", "a1"]);
    }

    [Fact]
    public async Task A_sweep_keeps_the_order_and_rows_that_wait_for_one_do_not_fill_it()
    {
        Broker.Answer = @event => NumberOf(@event) == "a0" ? new PublishException(PublishFailure.Nacked, "no") : null;
        var replica = await StartOrderedAsync(
            Parts.None, options => (options.PublishBatch, options.RefusedDelay) = (5, TimeSpan.FromMinutes(10)));
        await replica.Batch.HandleAsync(
            "orders", [Causing("a", [.. Enumerable.Range(0, 20).Select(n => $"a{n}")]), Causing("b", "b0", "b1", "b2")], Cancellation);

        for (var sweep = 0; sweep < 4; sweep++)
        {
            await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);
        }

        Taken().ShouldBe(["b0", "b1", "b2"]);
        (await Database.OutboxAsync()).ShouldBe(20);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_holds_back_its_aggregate()
    {
        var replica = await StartOrderedAsync(Parts.None);
        await replica.Batch.HandleAsync("orders", [Causing("a", "a0", "a1"), Causing("b", "b0")], Cancellation);
        await Database.ExecuteAsync("UPDATE outbox SET context = '{}' WHERE sequence = (SELECT min(sequence) FROM outbox)");

        await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);
        await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);

        Taken().ShouldBe(["b0"]);
    }

    [Fact]
    public async Task Many_transactions_on_two_replicas_leave_in_the_order_of_their_commits()
    {
        Broker.BeforeConfirm = _ => Task.Delay(2, CancellationToken.None);
        Replica[] replicas =
        [
            await StartOrderedAsync(Parts.Dispatcher | Parts.Sweeper, Racing),
            await StartOrderedAsync(Parts.Dispatcher | Parts.Sweeper, Racing),
        ];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(aggregate => Task.Run(async () =>
        {
            // One after the other, by turns at either replica.
            for (var n = 0; n < 40; n++)
            {
                await replicas[n % 2].Batch.HandleAsync("orders", [Causing($"{aggregate}-", $"{aggregate}-{n}")], Cancellation);
            }
        }, Cancellation)));

        await OutboxIsEmptyAsync();
        for (var aggregate = 0; aggregate < 8; aggregate++)
        {
            Taken($"{aggregate}-").ShouldBe(Enumerable.Range(0, 40).Select(n => $"{aggregate}-{n}"));
        }

        static void Racing(DurabilityOptions options) => (options.SweepAge, options.PublishBatch) = (TimeSpan.FromMilliseconds(20), 10);
    }

    [Fact]
    public async Task Without_being_asked_for_no_order_is_stored()
    {
        var replica = await StartReplicaAsync();

        await replica.Batch.HandleAsync("orders", [Causing("a", "a0")], Cancellation);

        (await Database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE aggregate_id IS NULL")).ShouldBe(1);
    }

    private Task<Replica> StartOrderedAsync(Parts parts, Action<DurabilityOptions>? configure = null) => StartReplicaAsync(parts, options =>
    {
        options.PublishInOrder = true;
        configure?.Invoke(options);
    });

    private static TransactionalDelivery Causing(string aggregate, params string[] caused)
    {
        var context = EventContext.StartFlow("OrderCreationFlow", TimeProvider.System) with { AggregateId = aggregate };
        return new TransactionalDelivery("order.created", "Causing", context, new OrderCreated(), (transaction, _, _) =>
        {
            foreach (var id in caused)
            {
                transaction.Publish(new OrderProcessed { OrderId = id });
            }

            return Task.CompletedTask;
        });
    }

    private List<string> Taken(string aggregate = "") =>
        [.. Broker.Taken.Select(NumberOf).Where(id => id.StartsWith(aggregate, StringComparison.Ordinal))];

    private static string NumberOf(EncodedEvent @event) => OrderProcessed.Parser.ParseFrom(@event.Body.Span).OrderId;
}
