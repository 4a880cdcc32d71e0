using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class DurableCounterTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    private const string Effects = "events.effects order.created RecordEffect";

    [Fact]
    public async Task What_a_transaction_counts_is_committed_with_it_one_row_per_series()
    {
        var replica = await StartReplicaAsync();

        await replica.Batch.HandleAsync("orders", [.. Enumerable.Range(0, 10).Select(_ => Counting())], Cancellation);

        (await Database.CountAsync("durable_counts")).ShouldBe(2);
        (await CountedAsync(replica)).ShouldBe(
            new Dictionary<string, long> { [Effects] = 10, ["tests.things red"] = 10 }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_batch_that_falls_back_counts_once_and_what_is_rolled_back_not_at_all()
    {
        var replica = await StartReplicaAsync();
        var bad = Delivery(handler: (context, _, _) =>
        {
            context.Count(Replica.Things, 1, "blue");
            throw new InvalidDataException("no");
        });

        var outcomes = await replica.Batch.HandleAsync("orders", [Counting(), Counting(), bad, Counting()], Cancellation);

        outcomes.Count(outcome => outcome.Status == DeliveryStatus.Handled).ShouldBe(3);
        (await CountedAsync(replica)).ShouldBe(new Dictionary<string, long> { [Effects] = 3, ["tests.things red"] = 3 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Duplicates_are_not_counted()
    {
        var replica = await StartReplicaAsync();
        var id = Guid.CreateVersion7();

        await replica.Batch.HandleAsync("orders", [Counting(id), Counting(id)], Cancellation);
        await replica.Batch.HandleAsync("orders", [Counting(id)], Cancellation);

        (await CountedAsync(replica)).ShouldBe(new Dictionary<string, long> { [Effects] = 1, ["tests.things red"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Label_values_that_are_not_known_are_one_series()
    {
        var replica = await StartReplicaAsync();

        await replica.Batch.HandleAsync(
            "orders", [Counting(label: "green"), Counting(label: "a'\"{}\u001f"), Counting(label: "red")], Cancellation);

        (await CountedAsync(replica)).ShouldBe(
            new Dictionary<string, long> { [Effects] = 3, ["tests.things red"] = 1, ["tests.things other"] = 2 }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_counter_that_nobody_registered_fails_the_event_with_the_line_to_add()
    {
        var replica = await StartReplicaAsync();
        var unknown = new DurableCounter("Tests", "tests.unknown", "{thing}", "Nobody knows.");

        var outcome = (await replica.Batch.HandleAsync("orders", [Counting(counter: unknown)], Cancellation)).ShouldHaveSingleItem();

        outcome.Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("builder.AddDurableCounters");
        (await Database.CountAsync("durable_counts")).ShouldBe(0);
    }

    [Fact]
    public void A_counter_refuses_series_that_do_not_fit_its_labels()
    {
        Should.Throw<ArgumentException>(() => new DurableCounter("Tests", "tests.bad", "{thing}", "Bad.", ["colour"], ["red", "big"]))
            .Message.ShouldContain("(red, big)");
        Should.Throw<ArgumentException>(() => Replica.Things.SeriesOf()).Message.ShouldContain("was given 0 values");
    }

    [Fact]
    public async Task Counting_after_the_handler_has_returned_is_refused()
    {
        var replica = await StartReplicaAsync();
        ITransactionalContext? kept = null;
        await replica.Batch.HandleAsync("orders", [Delivery(handler: (context, _, _) => Task.FromResult(kept = context))], Cancellation);

        Should.Throw<InvalidOperationException>(() => kept!.Count(Replica.Things, 1, "red")).Message.ShouldContain(
            "tests.things is counted after the handler");
    }

    [Fact]
    public async Task Folding_while_others_count_loses_nothing_and_no_reading_ever_falls()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        Replica[] replicas = [await StartReplicaAsync(), await StartReplicaAsync()];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var folding = Enumerable.Range(0, 2)
            .Select(worker => Task.Run(() => FoldAsync(replicas[worker], new Random(seed - worker - 1), stop.Token), Cancellation))
            .ToList();
        var reading = Task.Run(() => ReadAsync(replicas[0], stop.Token), Cancellation);

        var counted = await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            long total = 0;
            for (var i = 0; i < 60; i++)
            {
                // Some fail and are handled one by one.
                TransactionalDelivery[] batch =
                [
                    .. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Counting(fails: random.Next(40) == 0)),
                ];
                total += (await replicas[worker % 2].Batch.HandleAsync("orders", batch, Cancellation)).Count(
                    outcome => outcome.Status == DeliveryStatus.Handled);
            }

            return total;
        }, Cancellation)));
        await stop.CancelAsync();
        await Task.WhenAll(folding);

        (await CountedAsync(replicas[1])).ShouldBe(
            new Dictionary<string, long> { [Effects] = counted.Sum(), ["tests.things red"] = counted.Sum() },
            ignoreOrder: true,
            $"seed {seed}");
        (await Database.CountAsync("durable_totals")).ShouldBe(2);
        (await reading).ShouldBeGreaterThan(0, $"seed {seed}");
    }

    /// <summary>An event that counts a thing of the colour.</summary>
    private static TransactionalDelivery Counting(
        Guid? id = null, string label = "red", DurableCounter? counter = null, bool fails = false) => Delivery(id, (context, _, _) =>
    {
        context.Count(counter ?? Replica.Things, 1, counter is null ? [label] : []);
        return fails ? throw new InvalidDataException("no") : Task.CompletedTask;
    });

    private static async Task<Dictionary<string, long>> CountedAsync(Replica replica)
    {
        await using var connection = await replica.Get<CounterDatabase>().OpenAsync(Cancellation);
        return (await CountLedger.ReadAsync(connection, replica.Get<DurableCounters>(), Cancellation))
            .ToDictionary(
                entry => string.Join(' ', entry.Key.Tags.Select(tag => $"{tag.Value}").Prepend(entry.Key.Counter.Name)),
                entry => entry.Value);
    }

    private static async Task FoldAsync(Replica replica, Random random, CancellationToken stop)
    {
        await using var connection = await replica.Get<CounterDatabase>().OpenAsync(Cancellation);
        while (!stop.IsCancellationRequested)
        {
            await CountLedger.FoldAsync(connection, random.Next(1, 20), Cancellation);
        }
    }

    /// <summary>Reads until the stop; no number may be lower than the one before.</summary>
    private static async Task<long> ReadAsync(Replica replica, CancellationToken stop)
    {
        long last = 0;
        while (!stop.IsCancellationRequested)
        {
            var next = (await CountedAsync(replica)).GetValueOrDefault(Effects);
            next.ShouldBeGreaterThanOrEqualTo(last);
            last = next;
        }

        return last;
    }
}
