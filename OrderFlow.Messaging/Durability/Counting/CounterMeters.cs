using System.Diagnostics.Metrics;

namespace OrderFlow.Messaging.Durability.Counting;

/// <summary>The observable counters, which exist only while this replica tells the service's numbers.</summary>
/// <remarks>
/// The SDK goes on telling what an observable instrument once said, even when it no longer says it. Only the end of its meter makes a series
/// end, so these meters are made and disposed of here; those of the factory live as long as the service.
/// </remarks>
internal sealed class CounterMeters(DurableCounters counters, IMeterFactory factory) : IDisposable
{
    private readonly Lock gate = new();
    private Dictionary<DurableCounter, Measurement<long>[]> told = [];
    private List<Meter>? meters;
    private bool disposed;

    public bool IsTelling
    {
        get
        {
            lock (gate)
            {
                return meters is not null;
            }
        }
    }

    /// <summary>Tells these numbers from now on, and 0 for the known series that they lack.</summary>
    public void Tell(IReadOnlyDictionary<DurableSeries, long> numbers)
    {
        var measurements = counters.All.ToDictionary(
            counter => counter,
            counter => counter.Known.Union(numbers.Keys.Where(series => series.Counter == counter))
                .Select(series => new Measurement<long>(numbers.GetValueOrDefault(series), series.Tags)).ToArray());
        lock (gate)
        {
            Volatile.Write(ref told, measurements);
            if (!disposed)
            {
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
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
        }

        BeSilent();
    }

    private Meter Open(IGrouping<string, DurableCounter> ofMeter)
    {
        var meter = new Meter(ofMeter.Key, version: null, tags: null, scope: factory);
        foreach (var counter in ofMeter)
        {
            meter.CreateObservableCounter(counter.Name, () => Volatile.Read(ref told)[counter], counter.Unit, counter.Description);
        }

        return meter;
    }
}
