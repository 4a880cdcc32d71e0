using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Durability.EndToEnd;

namespace OrderFlow.Messaging.Durability.Counting;

/// <summary>The observable counters, which exist only while this replica tells the service's numbers.</summary>
/// <remarks>
/// The SDK goes on telling what an observable instrument once said, even when it no longer says it. Only the end of its meter makes a series
/// end, so these meters are made and disposed of here; those of the factory live as long as the service.
/// <para>
/// Whether this replica may still tell, nobody need say: by the clock that nobody sets, it falls silent when its lease is over. A timer ends the
/// meters; whoever asks before the timer comes to it, as after a freeze, is told nothing, too.
/// </para>
/// </remarks>
internal sealed class CounterMeters : IDisposable
{
    private readonly DurableCounters counters;
    private readonly IMeterFactory factory;
    private readonly TimeSpan lease;
    private readonly TimeProvider time;
    private readonly EndToEndMeter? endToEnd;
    private readonly ITimer watch;
    private readonly Lock gate = new();
    private Dictionary<DurableCounter, Measurement<long>[]> told = [];
    private List<Meter>? meters;
    private long provenAt;
    private bool disposed;

    public CounterMeters(DurableCounters counters, IMeterFactory factory, IOptions<DurabilityOptions> options, TimeProvider time, EndToEndMeter? endToEnd = null)
    {
        (this.counters, this.factory, lease, this.time, this.endToEnd) = (counters, factory, options.Value.CounterLease, time, endToEnd);
        watch = time.CreateTimer(_ => BeSilentIfOver(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsTelling
    {
        get
        {
            lock (gate)
            {
                return meters is not null && !IsOver;
            }
        }
    }

    private bool IsOver => time.GetElapsedTime(Volatile.Read(ref provenAt)) >= lease;

    /// <summary>Tells these numbers until the lease is over, and 0 for the known series that they lack.</summary>
    /// <param name="numbers">What was counted.</param>
    /// <param name="proven">When this replica was last certain to be the one that tells them.</param>
    public void Tell(IReadOnlyDictionary<DurableSeries, long> numbers, long proven)
    {
        var measurements = counters.All.ToDictionary(
            counter => counter,
            counter => counter.Known.Union(numbers.Keys.Where(series => series.Counter == counter))
                .Select(series => new Measurement<long>(numbers.GetValueOrDefault(series), series.Tags)).ToArray());
        lock (gate)
        {
            Volatile.Write(ref told, measurements);
            Volatile.Write(ref provenAt, proven);
            if (!disposed && !IsOver)
            {
                watch.Change(lease - time.GetElapsedTime(proven), Timeout.InfiniteTimeSpan);
                meters ??= [.. counters.All.GroupBy(counter => counter.Meter, StringComparer.Ordinal).Select(Open)];
            }
        }
    }

    /// <summary>Tells nothing any more: another replica does.</summary>
    public void BeSilent()
    {
        lock (gate)
        {
            meters?.ForEach(meter => meter.Dispose());
            meters = null;
            endToEnd?.BeSilent();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
        }

        watch.Dispose();
        BeSilent();
    }

    private void BeSilentIfOver()
    {
        lock (gate)
        {
            if (meters is null)
            {
                return;
            }

            if (IsOver)
            {
                BeSilent();
                return;
            }

            // It was prolonged while this began, or the timer came a tick early.
            watch.Change(lease - time.GetElapsedTime(provenAt) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private Meter Open(IGrouping<string, DurableCounter> ofMeter)
    {
        var meter = new Meter(ofMeter.Key, version: null, tags: null, scope: factory);
        foreach (var counter in ofMeter)
        {
            meter.CreateObservableCounter(counter.Name, () => IsOver ? [] : Volatile.Read(ref told)[counter], counter.Unit, counter.Description);
        }

        return meter;
    }
}
