using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrderFlow.Tests.Support.Services;

/// <summary>Receives what one meter factory's instruments record, and nothing of other tests.</summary>
internal sealed class MeterProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measurement> _measurements = new();

    public MeterProbe(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Measurement> Of(string instrument) =>
        [.. _measurements.Where(measurement => measurement.Instrument == instrument)];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measurements.Enqueue(new(instrument.Name, value, string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));

    /// <summary>One recorded value.</summary>
    /// <param name="Instrument">The instrument's name.</param>
    /// <param name="Value">What was recorded.</param>
    /// <param name="Tags">Its tags, as <c>key=value,key=value</c>.</param>
    internal sealed record Measurement(string Instrument, double Value, string Tags);
}
