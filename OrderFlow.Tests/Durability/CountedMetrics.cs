using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrderFlow.Tests.Durability;

/// <summary>What the observable instruments of one replica say when they are asked.</summary>
internal sealed class CountedMetrics : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, long> said = new(StringComparer.Ordinal);

    public CountedMetrics(Replica replica)
    {
        var factory = replica.Get<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument is ObservableCounter<long>)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            said[string.Join(' ', tags.ToArray().Select(tag => $"{tag.Value}").Prepend(instrument.Name))] = value);
        listener.Start();
    }

    /// <summary>Instrument and label values, with the number; empty while the replica tells nothing.</summary>
    public IReadOnlyDictionary<string, long> Ask()
    {
        said.Clear();
        listener.RecordObservableInstruments();
        return new Dictionary<string, long>(said, StringComparer.Ordinal);
    }

    public long? Of(string series) => Ask().TryGetValue(series, out var value) ? value : null;

    public void Dispose() => listener.Dispose();
}
