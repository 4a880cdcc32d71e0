using System.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

public sealed class OutboxTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    [Fact]
    public async Task A_sweep_publishes_what_was_left_behind_in_the_order_it_was_written()
    {
        var crashed = await StartReplicaAsync();
        for (var i = 0; i < 20; i++)
        {
            await crashed.Batch.HandleAsync("orders", Deliveries(3), Cancellation);
        }

        Broker.Taken.ShouldBeEmpty();
        var inOrder = await Database.ScalarAsync<Guid[]>("SELECT array_agg(event_id ORDER BY sequence) FROM outbox");
        await StartReplicaAsync(Parts.Sweeper, options => options.PublishBatch = 7);

        await OutboxIsEmptyAsync();
        Broker.TakenIds.ShouldBe(inOrder);
        Broker.Batches.Max().ShouldBe(7);
    }

    [Fact]
    public async Task What_a_crash_left_behind_is_published_as_it_would_have_been_trace_included()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == nameof(OutboxTests),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var spans = new ActivitySource(nameof(OutboxTests));
        using var handling = spans.StartActivity("process order.events")!;
        handling.TraceStateString = "vendor=1";
        handling.AddBaggage("tenant", "t-1");
        var delivery = Delivery();
        delivery = delivery with
        {
            Context = delivery.Context with
            {
                AggregateId = "order-1",
                TenantId = "t-1",
                UserId = "user-1",
                EventVersion = 7,
                Attempt = 3,
                Replayed = true,
            },
        };
        Broker.Version = 2;

        var crashed = await StartReplicaAsync();
        await crashed.Batch.HandleAsync("orders", [delivery], Cancellation);
        await StartReplicaAsync(Parts.Sweeper);
        await OutboxIsEmptyAsync();

        var published = Broker.Taken.ShouldHaveSingleItem();
        published.Context.ShouldBe(
            delivery.Context with
            {
                EventId = published.Context.EventId,
                CausationId = delivery.Context.EventId,
                EventVersion = 2,
                Attempt = 1,
                Replayed = false,
                FlowAttempt = FlowAttempt.Replayed,
            });
        published.Trace.TraceParent.ShouldBe(handling.Id);
        published.Trace.Parent().SpanId.ShouldBe(handling.SpanId);
        published.Trace.TraceState.ShouldBe("vendor=1");
        published.Trace.Baggage.ShouldBe("tenant = t-1");
    }

    [Fact]
    public async Task An_event_that_the_broker_refuses_is_kept_tried_again_and_blocks_no_other()
    {
        var replica = await StartReplicaAsync();
        foreach (var delivery in Deliveries(10))
        {
            await replica.Batch.HandleAsync("orders", [delivery], Cancellation);
        }

        var poison = await Database.ScalarAsync<Guid>("SELECT event_id FROM outbox ORDER BY sequence LIMIT 1");
        var refuse = true;
        Broker.Answer = @event =>
            refuse && @event.Context.EventId == poison ? new PublishException(PublishFailure.Unroutable, "no queue\0is bound") : null;

        var sweeping = await StartReplicaAsync(
            Parts.Sweeper, options => (options.PublishBatch, options.RefusedDelay) = (1, TimeSpan.FromMilliseconds(10)));

        await Wait.UntilAsync(async () =>
            await Database.OutboxAsync() == 1 && await Database.ScalarAsync<int>("SELECT max(attempts) FROM outbox") >= 4);
        Broker.TakenIds.Distinct().Count().ShouldBe(9);
        (await Database.ScalarAsync<string>("SELECT last_error FROM outbox")).ShouldBe("no queue is bound");
        (await Database.ScalarAsync<bool>("SELECT due_at > now() - interval '10 seconds' FROM outbox")).ShouldBeTrue();
        sweeping.Get<OutboxRelay>().BrokerAway.ShouldBeFalse();

        refuse = false;
        await OutboxIsEmptyAsync();
        Broker.TakenIds.ShouldContain(poison);
    }

    [Fact]
    public async Task The_delay_of_a_refused_event_doubles_up_to_the_longest()
    {
        var replica = await StartReplicaAsync(configure: options =>
            (options.RefusedDelay, options.LongestRefusedDelay) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3)));
        await replica.Batch.HandleAsync("orders", [Delivery()], Cancellation);
        Broker.Answer = _ => new PublishException(PublishFailure.Nacked, "full");
        var delays = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            await Database.ExecuteAsync("UPDATE outbox SET due_at = now()");
            await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);
            delays.Add(
                Math.Round(await Database.ScalarAsync<double>("SELECT extract(epoch FROM due_at - now())::float8 / 60 FROM outbox"), 1));
        }

        delays.ShouldBe([1, 2, 3, 3]);
    }

    [Fact]
    public async Task When_one_of_a_type_is_taken_again_those_that_were_put_off_do_not_wait_any_longer()
    {
        var replica = await StartReplicaAsync(
            configure: options => (options.RefusedDelay, options.LongestRefusedDelay) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        await replica.Batch.HandleAsync("orders", Deliveries(3), Cancellation);
        await Database.ExecuteAsync("UPDATE outbox SET due_at = now()");
        Broker.Answer = _ => new PublishException(PublishFailure.Unroutable, "no queue");
        await replica.Get<OutboxRelay>().SweepAsync([], Cancellation);
        (await Database.ScalarAsync<long>("SELECT count(*) FROM outbox WHERE due_at > now()")).ShouldBe(3);

        Broker.Answer = _ => null;
        await Database.ExecuteAsync("UPDATE outbox SET due_at = now() WHERE sequence = (SELECT min(sequence) FROM outbox)");
        (await replica.Get<OutboxRelay>().SweepAsync([], Cancellation)).Confirmed.ShouldBe(1);

        (await replica.Get<OutboxRelay>().SweepAsync([], Cancellation)).Confirmed.ShouldBe(2);
        await OutboxIsEmptyAsync();
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_blocks_no_other()
    {
        var replica = await StartReplicaAsync();
        await replica.Batch.HandleAsync("orders", Deliveries(3), Cancellation);
        await Database.ExecuteAsync("UPDATE outbox SET context = '{}' WHERE sequence = (SELECT min(sequence) FROM outbox)");

        await StartReplicaAsync(Parts.Sweeper);

        await Wait.UntilAsync(async () => await Database.OutboxAsync() == 1 && Broker.Taken.Count == 2);
        (await Database.ScalarAsync<string>("SELECT last_error FROM outbox")).ShouldStartWith("The column context cannot be read");
    }

    [Fact]
    public async Task While_the_broker_is_away_events_wait_unblamed_and_all_go_out_when_it_is_back()
    {
        var away = true;
        Broker.Answer = _ => away ? new PublishException(PublishFailure.Disconnected, "away") : null;
        // Not before it is known that the broker is away.
        var replica = await StartReplicaAsync(
            Parts.Dispatcher | Parts.Sweeper, options => options.SweepAge = TimeSpan.FromMilliseconds(500));
        var deliveries = Deliveries(100);

        await replica.Batch.HandleAsync("orders", [.. deliveries.Take(50)], Cancellation);
        await Wait.UntilAsync(() => replica.Get<OutboxRelay>().BrokerAway);
        var triedBefore = Broker.Batches.Count;
        await replica.Batch.HandleAsync("orders", [.. deliveries.Skip(50)], Cancellation);
        await Wait.UntilAsync(() => Broker.Batches.Count >= triedBefore + 3);

        // A broker that is away is asked with one event, not with all of them.
        Broker.Batches.Skip(triedBefore).ShouldAllBe(size => size == 1);
        (await Database.ScalarAsync<int>("SELECT max(attempts) FROM outbox")).ShouldBe(0);
        away = false;
        await EveryEffectOnceAndPublishedAsync(deliveries.Select(delivery => delivery.Context.EventId));
    }

    [Fact]
    public async Task A_broker_that_never_answers_does_not_keep_rows_locked_beyond_the_servers_patience()
    {
        var silent = true;
        Broker.BeforeConfirm = cancellationToken => silent ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;
        var replica = await StartReplicaAsync(Parts.Sweeper, options => options.IdleTransactionTimeout = TimeSpan.FromSeconds(1));
        await replica.Batch.HandleAsync("orders", [Delivery()], Cancellation);

        await Wait.UntilAsync(() => replica.Get<OutboxRelay>().BrokerAway);
        silent = false;

        await OutboxIsEmptyAsync();
    }

    [Fact]
    public async Task The_backlog_is_measured_with_its_age_and_what_was_refused()
    {
        var replica = await StartReplicaAsync();
        await replica.Batch.HandleAsync("orders", Deliveries(3), Cancellation);
        await Database.ExecuteAsync(
            "UPDATE outbox SET created_at = now() - interval '1 hour', attempts = 1 WHERE sequence = (SELECT max(sequence) FROM outbox)");
        var backlog = replica.Get<OutboxBacklog>();

        await backlog.MeasureAsync(Cancellation);

        backlog.Count.ShouldBe(3);
        backlog.Refused.ShouldBe(1);
        backlog.OldestAgeSeconds.ShouldBeInRange(3600, 3630);
    }

    [Fact]
    public async Task A_graceful_stop_publishes_what_is_committed()
    {
        var replica = await StartReplicaAsync(Parts.Dispatcher);
        for (var i = 0; i < 20; i++)
        {
            await replica.Batch.HandleAsync("orders", Deliveries(10), Cancellation);
        }

        await replica.Get<OutboxDispatcher>().StopAsync(Cancellation);

        Broker.Taken.Count.ShouldBe(200);
        (await Database.OutboxAsync()).ShouldBe(0);
    }
}
