using System.Text;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>Transactions that cause many events, which have one row of the outbox.</summary>
public sealed class OutboxBatchTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task Many_events_of_a_transaction_are_one_row_and_few_are_rows_of_their_own()
    {
        var replica = await StartReplicaAsync();

        await replica.Batch.HandleAsync("orders", Deliveries(3), Cancellation);
        await replica.Batch.HandleAsync("orders", Deliveries(4), Cancellation);
        await replica.Batch.HandleAsync("orders", Deliveries(100), Cancellation);

        (await Database.CountAsync("outbox")).ShouldBe(3);
        (await Database.ScalarAsync<int[]>("SELECT array_agg(events ORDER BY id) FROM outbox_batches")).ShouldBe([4, 100]);
        var backlog = replica.Get<OutboxBacklog>();
        await backlog.MeasureAsync(Cancellation);
        backlog.Count.ShouldBe(107);
        backlog.OldestAgeSeconds.ShouldBeInRange(0.001, 60);
    }

    [Fact]
    public async Task What_a_crash_left_behind_is_published_as_it_would_have_been()
    {
        TransactionalDelivery[] deliveries =
        [
            .. Deliveries(70).Select(delivery => delivery with
            {
                Context = delivery.Context with { AggregateId = "Bestellung-ü", TenantId = "t-1", UserId = "user-1" },
            }),
        ];
        var crashed = await StartReplicaAsync();
        await crashed.Batch.HandleAsync("orders", deliveries, Cancellation);
        Broker.Taken.ShouldBeEmpty();

        await StartReplicaAsync(Parts.Sweeper, options => options.PublishBatch = 32);

        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
        Broker.Taken.Count.ShouldBe(70);
        Broker.Batches.Max().ShouldBe(32);
        Broker.Taken.ShouldAllBe(one => one.Context.AggregateId == "Bestellung-ü" && one.Context.UserId == "user-1");
    }

    [Fact]
    public async Task The_next_transaction_deletes_the_row_when_all_of_it_is_confirmed()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher, options => options.SweepAge = TimeSpan.FromHours(1));
        await replica.Batch.HandleAsync("orders", Deliveries(10), Cancellation);

        await OutboxIsEmptyAsync();
        Broker.Taken.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Of_a_batch_that_is_taken_in_part_the_rest_is_tried_again_and_nothing_is_published_twice()
    {
        var poison = Guid.Empty;
        var refuse = true;
        Broker.Answer = @event =>
        {
            poison = poison == Guid.Empty ? @event.Context.EventId : poison;
            return refuse && @event.Context.EventId == poison ? new PublishException(PublishFailure.Unroutable, "no queue is bound") : null;
        };
        var replica = await StartReplicaAsync(
            Parts.Dispatcher | Parts.Sweeper, options => options.RefusedDelay = TimeSpan.FromMilliseconds(10));
        var deliveries = Deliveries(10);

        await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        await Wait.UntilAsync(async () =>
            await Database.OutboxAsync() == 1
            && await Database.ScalarAsync<int?>("SELECT max(attempts) FROM outbox WHERE last_error = 'no queue is bound'") >= 2);
        (await Database.CountAsync("outbox_batches")).ShouldBe(0);
        Broker.TakenIds.Count().ShouldBe(9);
        refuse = false;
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
        Broker.TakenIds.Count().ShouldBe(10);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Of_what_is_taken_late_and_in_part_only_what_is_confirmed_is_deleted(int events)
    {
        var poison = Guid.Empty;
        Broker.Answer = @event =>
        {
            poison = poison == Guid.Empty ? @event.Context.EventId : poison;
            return @event.Context.EventId == poison ? new PublishException(PublishFailure.Unroutable, "no queue is bound") : null;
        };
        Broker.BeforeConfirm = cancellationToken => Task.Delay(TimeSpan.FromMilliseconds(300), cancellationToken);
        var replica = await StartReplicaAsync(Parts.Dispatcher, options =>
            (options.SweepAge, options.RefusedDelay) = (TimeSpan.FromMilliseconds(400), TimeSpan.FromMinutes(1)));

        await replica.Batch.HandleAsync("orders", Deliveries(events), Cancellation);

        await Wait.UntilAsync("the others are deleted", async () => await Database.OutboxAsync() <= 1);
        // Whatever is to be deleted goes when the dispatch stops.
        await replica.Get<OutboxDispatcher>().StopAsync(Cancellation);
        (await Database.ScalarAsync<Guid?>("SELECT event_id FROM outbox")).ShouldBe(poison);
        Broker.TakenIds.Count().ShouldBe(events - 1);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 5)]
    public async Task A_batch_that_is_confirmed_is_its_row_and_when_it_is_late_the_rows_that_it_may_have_become(bool isLate, int rows)
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.FromHours(1));
        var events = Enumerable.Range(0, 4).Select(_ => new EncodedEvent(
            "order.processed", Delivery().Context with { EventId = Guid.NewGuid() }, new byte[1], default)).ToList();

        (await replica.Get<OutboxRelay>().SettleAsync(
            events, Guid.NewGuid(), mayBeMoved: isLate, [null, null, null, null], Cancellation)).Count.ShouldBe(rows);
    }

    [Fact]
    public async Task A_batch_that_another_replica_has_moved_is_not_moved_again()
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.Zero);
        await replica.Batch.HandleAsync("orders", Deliveries(4), Cancellation);
        var batch = await Database.ScalarAsync<Guid>("SELECT id FROM outbox_batches");
        List<EncodedEvent> events =
        [
            .. OutboxBatch.Read(await Database.ScalarAsync<byte[]>("SELECT data FROM outbox_batches"), 4).Select(row =>
                StoredContext.Restore(row.WireType, Encoding.UTF8.GetString(row.Context), row.Body)),
        ];
        await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);
        (await Database.CountAsync("outbox")).ShouldBe(4);
        var refused = new PublishException(PublishFailure.Unroutable, "no queue");

        var rows = await replica.Get<OutboxRelay>().SettleAsync(
            events, batch, mayBeMoved: true, [null, refused, null, null], Cancellation);

        rows.ShouldBe([events[0].Context.EventId, events[2].Context.EventId, events[3].Context.EventId]);
        (await Database.CountAsync("outbox")).ShouldBe(4);
        (await Database.ScalarAsync<Guid>("SELECT event_id FROM outbox WHERE attempts = 1")).ShouldBe(events[1].Context.EventId);
    }

    [Fact]
    public async Task What_is_in_hand_and_what_is_locked_is_left_to_whoever_has_it()
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.Zero);
        await replica.Batch.HandleAsync("orders", Deliveries(4), Cancellation);
        var batch = await Database.ScalarAsync<Guid>("SELECT id FROM outbox_batches");

        (await replica.Get<OutboxRelay>().SweepAsync([batch], Cancellation)).More.ShouldBeFalse();

        await using (var connection = await Database.Source.OpenConnectionAsync(Cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT id FROM outbox_batches FOR UPDATE";
            await command.ExecuteNonQueryAsync(Cancellation);
            (await replica.Get<OutboxRelay>().SweepAsync([], Cancellation)).More.ShouldBeFalse();
        }

        (await SweepAllAsync(replica)).ShouldBe(4);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_put_off_and_blocks_no_other()
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.Zero);
        await replica.Batch.HandleAsync("orders", Deliveries(4), Cancellation);
        await Database.ExecuteAsync("UPDATE outbox_batches SET data = substr(data, 1, 20)");
        await replica.Batch.HandleAsync("orders", Deliveries(5), Cancellation);

        (await SweepAllAsync(replica)).ShouldBe(5);

        (await Database.ScalarAsync<string>("SELECT last_error FROM outbox_batches WHERE due_at > now()")).ShouldStartWith("Of ");
        (await Database.OutboxAsync()).ShouldBe(4);
        var backlog = replica.Get<OutboxBacklog>();
        await backlog.MeasureAsync(Cancellation);
        backlog.Refused.ShouldBe(4);
    }

    [Fact]
    public async Task A_context_that_cannot_be_read_holds_no_other_event_of_its_batch()
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.Zero);
        await replica.Batch.HandleAsync("orders", Deliveries(5), Cancellation);
        var rows = OutboxBatch.Read(await Database.ScalarAsync<byte[]>("SELECT data FROM outbox_batches"), 5);
        rows[2] = rows[2] with { Context = "{}"u8.ToArray() };
        await Database.ExecuteAsync($"UPDATE outbox_batches SET data = decode('{Convert.ToHexString(OutboxBatch.Write(rows))}', 'hex')");

        (await SweepAllAsync(replica)).ShouldBe(4);

        (await Database.ScalarAsync<Guid>("SELECT event_id FROM outbox")).ShouldBe(rows[2].EventId);
        (await Database.ScalarAsync<string>("SELECT last_error FROM outbox")).ShouldStartWith("The column context cannot be read");
    }

    [Fact]
    public async Task What_PostgreSQL_does_not_take_fails_with_its_transaction_and_not_when_it_is_moved()
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.Zero);
        var deliveries = Deliveries(5).ToArray();
        deliveries[3] = deliveries[3] with { Context = deliveries[3].Context with { TenantId = "a\0b" } };

        var outcomes = await replica.Batch.HandleAsync("orders", deliveries, Cancellation);

        outcomes.Select(outcome => outcome.Status == DeliveryStatus.Failed).ShouldBe([false, false, false, true, false]);
        (await SweepAllAsync(replica)).ShouldBe(4);
    }

    [Fact]
    public async Task What_is_moved_is_as_old_as_it_was()
    {
        var replica = await StartReplicaAsync(configure: options => options.SweepAge = TimeSpan.Zero);
        await replica.Batch.HandleAsync("orders", Deliveries(5), Cancellation);
        await Database.ExecuteAsync("UPDATE outbox_batches SET created_at = now() - interval '3 hours'");
        Broker.Answer = _ => new PublishException(PublishFailure.Unroutable, "no queue");

        await SweepAllAsync(replica);

        var backlog = replica.Get<OutboxBacklog>();
        await backlog.MeasureAsync(Cancellation);
        (backlog.Count, backlog.Refused).ShouldBe((5, 5));
        backlog.OldestAgeSeconds.ShouldBeInRange(10_800, 10_900);
    }

    [Fact]
    public async Task Where_order_is_kept_every_event_has_a_row()
    {
        var replica = await StartReplicaAsync(configure: options => options.PublishInOrder = true);

        await replica.Batch.HandleAsync("orders", Deliveries(20), Cancellation);

        (await Database.CountAsync("outbox")).ShouldBe(20);
        (await Database.CountAsync("outbox_batches")).ShouldBe(0);
    }

    [Fact]
    public void Whatever_a_row_holds_reading_it_ends_with_events_or_a_clear_error()
    {
        OutboxRow[] rows =
        [
            .. Enumerable.Range(0, 5).Select(i => OutboxRow.Of(new EncodedEvent(
                "order.processed", Delivery().Context with { EventId = Guid.NewGuid(), AggregateId = $"ö-{i}" },
                new byte[i * 50], default))),
        ];
        var data = OutboxBatch.Write(rows);
        OutboxBatch.Read(data, 5).Select(row => (row.EventId, row.WireType, Convert.ToHexString(row.Context), row.Body.Length)).ShouldBe(
            rows.Select(row => (row.EventId, row.WireType, Convert.ToHexString(row.Context), row.Body.Length)));

        var random = new Random(11);
        for (var length = 0; length < data.Length; length++)
        {
            Should.Throw<InvalidDataException>(() => OutboxBatch.Read(data[..length], 5)).Message.ShouldNotBeEmpty();
        }

        for (var i = 0; i < 2000; i++)
        {
            byte[] broken = [.. data];
            broken[random.Next(data.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                OutboxBatch.Read(broken, 5).Count.ShouldBe(5);
            }
            catch (InvalidDataException exception)
            {
                exception.Message.ShouldNotBeEmpty();
            }
        }
    }

    private static async Task<int> SweepAllAsync(Replica replica)
    {
        var confirmed = 0;
        RelayResult result;
        do
        {
            result = await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);
            confirmed += result.Confirmed;
        }
        while (result.More);

        return confirmed;
    }
}
