using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Messaging.Postgres;

/// <summary>What is committed is exported once by each replica that exports, whoever was killed before.</summary>
public sealed class EndToEndLatencyTests(PostgresFixture postgres) : DurabilityTest(postgres)
{
    private const string First = "OrderCreationFlow success first";
    private const string Replayed = "OrderCreationFlow failure replayed";

    [Fact]
    public async Task Each_committed_flow_is_told_once_and_again_by_the_replica_that_takes_over()
    {
        var first = await Replica.StartAsync(Database.ConnectionString, Broker, Parts.Counters);
        using var before = new Told(first);
        var latency = first.Get<EndToEndLatency>();
        await Wait.UntilAsync(() => latency.IsTold);
        for (var i = 1; i <= 5; i++)
        {
            await EndAsync(i / 100.0);
            await EndAsync(2000 + i, EndToEndLatency.Failure, FlowAttempt.Replayed);
        }

        await Wait.UntilAsync(() => before.Of(First).Count == 5 && before.Of(Replayed).Count == 5);
        before.Of(First).Order().ShouldBe([0.01, 0.02, 0.03, 0.04, 0.05]);
        var second = await StartReplicaAsync(Parts.Counters, options => options.CounterHandover = TimeSpan.FromMilliseconds(300));
        using var after = new Told(second);
        await first.DisposeAsync();
        latency.IsTold.ShouldBeFalse();
        // Committed while nobody exports.
        await EndAsync(0.012);

        await Wait.UntilAsync(() => after.Of(First).Count == 6);
        after.Of(First).Sum().ShouldBe(0.162, 1e-9);
        after.Of(First).Order().Select(UpperBound).ShouldBe([0.01, 0.015, 0.02, 0.03, 0.04, 0.05]);
        after.Of(Replayed).ShouldBe([2003, 2003, 2003, 2003, 2003]);
        (await Database.ScalarAsync<long>("SELECT sum(count)::bigint FROM flow_end_buckets WHERE status = 'success'")).ShouldBe(6);
        (await Database.CountAsync("flow_ends")).ShouldBe(0);
    }

    [Fact]
    public async Task A_replica_that_loses_its_session_tells_everything_again_and_nothing_twice()
    {
        var replica = await StartReplicaAsync(Parts.Counters);
        using var told = new Told(replica);
        await Wait.UntilAsync(() => replica.Get<EndToEndLatency>().IsTold);
        await EndAsync(0.3);
        await Wait.UntilAsync(() => told.Of(First).Count == 1);

        await Database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
        await EndAsync(0.4);
        await Wait.UntilAsync(() => told.Of(First).Contains(0.4));

        // Either added to what was exported before, or all of it by a new histogram.
        told.Current(First).ShouldBe([0.3, 0.4], ignoreOrder: true);
    }

    [Fact]
    public async Task Without_a_flow_the_series_are_there()
    {
        var replica = await StartReplicaAsync(Parts.Counters);
        var latency = replica.Get<EndToEndLatency>();
        await Wait.UntilAsync(() => latency.IsTold);

        latency.Known.Select(tags => string.Join(' ', tags.Select(tag => tag.Value))).ShouldBe([
            "OrderCreationFlow success first", "OrderCreationFlow success retried", "OrderCreationFlow success replayed",
            "OrderCreationFlow failure first", "OrderCreationFlow failure retried", "OrderCreationFlow failure replayed",
        ]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(366L * 24 * 3600 * 1_000_000)]
    public void What_no_clock_can_have_measured_is_not_observed(long micros)
    {
        using var latency = new EndToEndLatency(["OrderCreationFlow"], [EndToEndLatency.Success]);

        latency.End(Context(FlowAttempt.First), EndToEndLatency.Success, micros).ShouldBeNull();
    }

    [Fact]
    public async Task A_sampled_trace_is_the_current_one_when_its_flow_is_told()
    {
        var replica = await StartReplicaAsync(Parts.Counters);
        using var told = new Told(replica);
        await Wait.UntilAsync(() => replica.Get<EndToEndLatency>().IsTold);
        using var activity = new Activity("handling").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.ActivityTraceFlags = ActivityTraceFlags.Recorded;

        await EndAsync(0.3);

        await Wait.UntilAsync(() => told.Of(First).Count == 1);
        told.Traces.ShouldBe([activity.TraceId.ToHexString()]);
    }

    private static double UpperBound(double seconds) => EndToEndLatency.Bounds.First(bound => seconds <= bound + 1e-12);

    private static EventContext Context(FlowAttempt attempt) =>
        EventContext.StartFlow("OrderCreationFlow", TimeProvider.System) with { FlowAttempt = attempt };

    private async Task EndAsync(double seconds, string status = EndToEndLatency.Success, FlowAttempt attempt = FlowAttempt.First)
    {
        using var latency = new EndToEndLatency(["OrderCreationFlow"], [status]);
        await using var command = Database.Source.CreateCommand($"{FlowEnding.Insert} SELECT $1, $2, $3, $4, $5");
        FlowEnding.AddTo(command.Parameters, latency.End(Context(attempt), status, (long)Math.Round(seconds * 1e6)));
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>What a replica's histogram recorded, over all histograms that it has begun, and by the last one.</summary>
    private sealed class Told : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(Instrument Instrument, string Series, double Value, string? Trace)> _told = new();

        public Told(Replica replica)
        {
            var factory = replica.Get<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listening) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Name == EndToEndLatency.Name)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            {
                var series = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
                var trace = Activity.Current is { Recorded: true } current ? current.TraceId.ToHexString() : null;
                _told.Enqueue((instrument, series, value, trace));
            });
            _listener.Start();
        }

        public IEnumerable<string> Traces => _told.Select(told => told.Trace).OfType<string>();

        public List<double> Of(string series) => [.. _told.Where(told => told.Series == series).Select(told => told.Value)];

        public List<double> Current(string series) =>
        [
            .. _told.Where(told => told.Series == series && ReferenceEquals(told.Instrument, _told.Last().Instrument))
                .Select(told => told.Value),
        ];

        public void Dispose() => _listener.Dispose();
    }
}
