using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>What the observable instruments of one replica say when they are asked.</summary>
internal sealed class CountedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _said = new(StringComparer.Ordinal);

    public CountedMetrics(Replica replica)
    {
        var factory = replica.Get<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listening) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument is ObservableCounter<long>)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _said[string.Join(' ', tags.ToArray().Select(tag => $"{tag.Value}").Prepend(instrument.Name))] = value);
        _listener.Start();
    }

    /// <summary>Instrument and label values, with the number; empty while the replica exports nothing.</summary>
    public IReadOnlyDictionary<string, long> Ask()
    {
        _said.Clear();
        _listener.RecordObservableInstruments();
        return new Dictionary<string, long>(_said, StringComparer.Ordinal);
    }

    public long? Of(string series) => Ask().TryGetValue(series, out var value) ? value : null;

    public void Dispose() => _listener.Dispose();
}
