using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.EndToEnd;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>The observable counters, which exist only while this replica exports the service's numbers.</summary>
/// <remarks>
/// The SDK goes on exporting what an observable instrument once measured, even when it no longer measures it. Only the end of its meter
/// makes a series end, so these meters are made and disposed of here; those of the factory live as long as the service.
/// <para>
/// Nobody need end the export: by the clock that nobody sets, it ends when this replica's lease is over. A timer ends the meters; a
/// collection before the timer comes to it, as after a freeze, finds nothing, too.
/// </para>
/// </remarks>
internal sealed class CounterMeters : IDisposable
{
    private readonly DurableCounters _counters;
    private readonly IMeterFactory _factory;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly EndToEndMeter? _endToEnd;
    private readonly ITimer _watch;
    private readonly Lock _gate = new();
    private Dictionary<DurableCounter, Measurement<long>[]> _told = [];
    private List<Meter>? _meters;
    private long _provenAt;
    private bool _disposed;

    public CounterMeters(
        DurableCounters counters,
        IMeterFactory factory,
        IOptions<DurabilityOptions> options,
        TimeProvider time,
        EndToEndMeter? endToEnd = null)
    {
        (_counters, _factory, _lease, _time, _endToEnd) = (counters, factory, options.Value.CounterLease, time, endToEnd);
        _watch = time.CreateTimer(_ => BeSilentIfOver(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsTelling
    {
        get
        {
            lock (_gate)
            {
                return _meters is not null && !IsOver;
            }
        }
    }

    private bool IsOver => _time.GetElapsedTime(Volatile.Read(ref _provenAt)) >= _lease;

    /// <summary>Exports these numbers until the lease is over, and 0 for the known series that they lack.</summary>
    /// <param name="numbers">What was counted.</param>
    /// <param name="proven">When this replica was last certain to be the one that exports them.</param>
    public void Report(IReadOnlyDictionary<DurableSeries, long> numbers, long proven)
    {
        var measurements = _counters.All.ToDictionary(
            counter => counter,
            counter => counter.Known.Union(numbers.Keys.Where(series => series.Counter == counter))
                .Select(series => new Measurement<long>(numbers.GetValueOrDefault(series), series.Tags)).ToArray());
        lock (_gate)
        {
            Volatile.Write(ref _told, measurements);
            Volatile.Write(ref _provenAt, proven);
            if (!_disposed && !IsOver)
            {
                _watch.Change(_lease - _time.GetElapsedTime(proven), Timeout.InfiniteTimeSpan);
                _meters ??= [.. _counters.All.GroupBy(counter => counter.Meter, StringComparer.Ordinal).Select(Open)];
            }
        }
    }

    /// <summary>Exports nothing any more: another replica does.</summary>
    public void BeSilent()
    {
        lock (_gate)
        {
            _meters?.ForEach(meter => meter.Dispose());
            _meters = null;
            _endToEnd?.BeSilent();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _watch.Dispose();
        BeSilent();
    }

    private void BeSilentIfOver()
    {
        lock (_gate)
        {
            if (_meters is null)
            {
                return;
            }

            if (IsOver)
            {
                BeSilent();
                return;
            }

            // It was prolonged while this began, or the timer came a tick early.
            _watch.Change(_lease - _time.GetElapsedTime(_provenAt) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private Meter Open(IGrouping<string, DurableCounter> ofMeter)
    {
        var meter = new Meter(ofMeter.Key, version: null, tags: null, scope: _factory);
        foreach (var counter in ofMeter)
        {
            meter.CreateObservableCounter(
                counter.Name, () => IsOver ? [] : Volatile.Read(ref _told)[counter], counter.Unit, counter.Description);
        }

        return meter;
    }
}
