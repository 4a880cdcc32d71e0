using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Tests.Support.Services;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.Messaging.Postgres;

[Collection(LiveTelemetry.Name)]
public sealed class CounterMetersTests
{
    [Fact]
    public async Task What_is_told_is_scraped_and_what_is_no_longer_told_is_gone_after_one_more_scrape()
    {
        await using var scraped = await InstrumentedService.StartAsync();
        var things = new DurableCounter("OrderFlow.Tests.Counted", "things", "{thing}", "Things.", ["colour"], ["red"], ["blue"]);
        using var meters = Meters(things, TimeProvider.System);

        meters.Report(
            new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 5, [things.SeriesOf("green")] = 2 },
            TimeProvider.System.GetTimestamp());
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 5", "things_total{colour=\"blue\"} 0", "things_total{colour=\"other\"} 2");

        meters.Report(
            new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 8, [things.SeriesOf("green")] = 2 },
            TimeProvider.System.GetTimestamp());
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 8", "things_total{colour=\"blue\"} 0", "things_total{colour=\"other\"} 2");

        meters.BeSilent();
        await scraped.ScrapeAsync();
        await ShowsAsync(scraped);

        meters.Report(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 9 }, TimeProvider.System.GetTimestamp());
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 9", "things_total{colour=\"blue\"} 0");
    }

    private static async Task ShowsAsync(InstrumentedService scraped, params string[] lines) =>
        (await scraped.ScrapeAsync()).Split('\n').Where(line => line.StartsWith("things", StringComparison.Ordinal)).ShouldBe(
            lines, ignoreOrder: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_told_ends_with_the_lease_even_if_no_timer_comes_to_end_it(bool isFrozen)
    {
        FakeTimeProvider time = isFrozen ? new FrozenTimers() : new();
        var things = new DurableCounter("OrderFlow.Tests.Leased", "things", "{thing}", "Things.");
        using var meters = Meters(things, time);
        using var asked = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == things.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        var told = new List<long>();
        asked.SetMeasurementEventCallback<long>((_, value, _, _) => told.Add(value));
        asked.Start();

        meters.Report(new Dictionary<DurableSeries, long> { [things.SeriesOf()] = 5 }, time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(2.9));
        asked.RecordObservableInstruments();
        time.Advance(TimeSpan.FromSeconds(0.1));
        asked.RecordObservableInstruments();
        meters.IsTelling.ShouldBeFalse();
        // An answer that took longer than the lease proves nothing any more.
        meters.Report(new Dictionary<DurableSeries, long> { [things.SeriesOf()] = 6 }, time.GetTimestamp() - (3 * time.TimestampFrequency));
        asked.RecordObservableInstruments();
        meters.Report(new Dictionary<DurableSeries, long> { [things.SeriesOf()] = 7 }, time.GetTimestamp());
        asked.RecordObservableInstruments();

        told.ShouldBe([5, 7]);
    }

    private static CounterMeters Meters(DurableCounter counter, TimeProvider time) =>
        new(
            new DurableCounters([counter]),
            TestMeters.Create(),
            Options.Create(new DurabilityOptions { CounterLease = TimeSpan.FromSeconds(time == TimeProvider.System ? 60 : 3) }),
            time);

    /// <summary>A process that stood still: the time is another, and no timer had its turn.</summary>
    private sealed class FrozenTimers : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NeverDue();

        private sealed class NeverDue : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
