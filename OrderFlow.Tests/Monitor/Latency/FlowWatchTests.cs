using Microsoft.Extensions.Time.Testing;
using OrderFlow.Monitor.Latency;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitor.Latency;

[Collection("Monitor")]
public sealed class FlowWatchTests(BrokerFixture broker, PostgresFixture postgres)
{
    private const string Missed = "event.flow.deadline.missed";
    private static readonly (string, string) NoOwnWatch = ("Monitor:WatchPeriod", "00:10:00");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Flow_whose_last_event_is_stored_first_is_one_flow_with_its_whole_time()
    {
        await using var run = await StartAsync();
        var order = OrderEvents.From(_time.GetUtcNow());

        await run.Monitor.ReceiveAsync(order.Sent);
        (await run.Database.ScalarAsync<string>("SELECT status || ' ' || total_micros FROM flows")).ShouldBe("ended 40000");
        await run.Monitor.ReceiveAsync(order.Processed, order.PaymentProcessed);
        await run.Monitor.ReceiveAsync(order.Sent, order.Created);
        await run.Monitor.ReceiveAsync(order.Created, order.PaymentRequested, order.Created);

        (await run.Database.ScalarAsync<string>(
            "SELECT concat_ws(' ', status, outcome, end_type, total_micros, events, deadline_missed) FROM flows"))
            .ShouldBe("ended completed notification.sent 40000 5 f");
    }

    [Fact]
    public async Task Missed_deadline_is_counted_once_whether_the_flow_ends_late_or_never()
    {
        await using var run = await StartAsync();
        var (never, late, seenLate, quick) = (
            OrderEvents.From(_time.GetUtcNow()),
            OrderEvents.From(_time.GetUtcNow()),
            OrderEvents.From(_time.GetUtcNow()),
            OrderEvents.From(_time.GetUtcNow()));
        await run.Monitor.ReceiveAsync(never.Created, late.Created, seenLate.Created);
        await run.Monitor.ReceiveAsync(quick.All);
        await LookAsync(run);
        run.Monitor.Sum(Missed).ShouldBe(0);

        _time.Advance(TimeSpan.FromSeconds(40));
        await run.Monitor.ReceiveAsync(late.Sent.PublishedAt(_time.GetUtcNow()));
        await LookAsync(run);
        run.Monitor.Sum(Missed, "flow=OrderCreationFlow").ShouldBe(3);
        await run.Monitor.ReceiveAsync(seenLate.Sent.PublishedAt(_time.GetUtcNow()));
        await LookAsync(run);
        await LookAsync(run);

        run.Monitor.Sum(Missed).ShouldBe(3);
        (await run.Database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE deadline_missed")).ShouldBe(3);
        (await run.Database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE NOT deadline_missed")).ShouldBe(1);
    }

    [Fact]
    public async Task Missed_deadline_is_counted_only_after_late_events_had_time_to_arrive()
    {
        await using var run = await StartAsync();
        var (slow, lost) = (OrderEvents.From(_time.GetUtcNow()), OrderEvents.From(_time.GetUtcNow()));
        await run.Monitor.ReceiveAsync(slow.Created, lost.Created);

        _time.Advance(TimeSpan.FromSeconds(34.9));
        await LookAsync(run);
        run.Monitor.Sum(Missed).ShouldBe(0);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        await LookAsync(run);
        run.Monitor.Sum(Missed).ShouldBe(2);

        // The end comes all the same, and says that it was in time: the store believes it.
        await run.Monitor.ReceiveAsync(slow.Sent);
        (await run.Database.ScalarAsync<string>("SELECT string_agg(status || ' ' || deadline_missed, ', ' ORDER BY status) FROM flows"))
            .ShouldBe("ended false, open true");
    }

    [Fact]
    public async Task Open_flows_are_counted_with_the_age_of_the_oldest()
    {
        await using var run = await StartAsync();
        await run.Monitor.ReceiveAsync(OrderEvents.From(_time.GetUtcNow()).Created);
        _time.Advance(TimeSpan.FromSeconds(7));
        await run.Monitor.ReceiveAsync(OrderEvents.From(_time.GetUtcNow()).Created);
        await run.Monitor.ReceiveAsync(OrderEvents.From(_time.GetUtcNow()).All);

        await LookAsync(run);

        run.Monitor.Probe.Of("event.flow.open").Last(measurement => measurement.Tags == "flow=OrderCreationFlow").Value.ShouldBe(2);
        run.Monitor.Probe.Of("event.flow.oldest_open.age")
            .Last(measurement => measurement.Tags == "flow=OrderCreationFlow").Value
            .ShouldBe(7);
    }

    [Fact]
    public async Task Flow_whose_last_event_waits_in_the_queue_misses_no_deadline()
    {
        await using var run = await StartAsync();
        var order = OrderEvents.From(_time.GetUtcNow());
        await run.Host.PublishAsync(order.Created);
        await UntilAsync("the beginning is stored", async () => await run.Database.CountAsync("flows") == 1);

        // The Monitor stands still for a minute with the end of the flow in hand.
        await using var standstill = await run.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await standstill.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new Npgsql.NpgsqlCommand("LOCK TABLE event_counts IN ACCESS EXCLUSIVE MODE", standstill))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await run.Host.PublishAsync(order.All.Skip(1));
        await UntilAsync(
            "the end is in hand, and counted as not stored",
            async () => await run.Monitor.Tap.WaitingAsync(TestContext.Current.CancellationToken) == order.All.Count - 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync(run);
        run.Monitor.Sum(Missed).ShouldBe(0);

        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await UntilAsync(
            "the end is stored",
            async () => await run.Database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE status = 'ended'") == 1);
        await UntilAsync("nothing waits", async () => await run.Monitor.Tap.WaitingAsync(TestContext.Current.CancellationToken) == 0);
        await LookAsync(run);
        run.Monitor.Sum(Missed).ShouldBe(0);
    }

    /// <summary>Waits while the clock goes on, for the Monitor gathers events for a moment by that clock before it stores them.</summary>
    private Task UntilAsync(string state, Func<Task<bool>> reached) => Wait.UntilAsync(state, () =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(20));
        return reached();
    });

    private static Task LookAsync(Run run) => run.Monitor.Get<FlowWatch>().CheckAsync(TestContext.Current.CancellationToken);

    private async Task<Run> StartAsync()
    {
        var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        var database = await postgres.CreateDatabaseAsync();
        return new Run(
            host,
            database,
            await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString, _time, NoOwnWatch)).ReadyAsync());
    }

    private sealed record Run(VirtualHost Host, TestDatabase Database, RunningMonitor Monitor) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Monitor.DisposeAsync();
            await Database.DisposeAsync();
            await Host.DisposeAsync();
        }
    }
}
