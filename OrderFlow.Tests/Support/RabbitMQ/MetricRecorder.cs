using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>Every measurement of one service's bus.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly MeterListener _listener = new();

    public MetricRecorder(TestService service)
    {
        var factory = service.Host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == "OrderFlow.Messaging" && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentQueue<Measured> All { get; } = new();

    /// <summary>Collects the observable gauges, which measure only when asked.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public int Count(string instrument) => All.Count(measured => measured.Instrument == instrument);

    public double Sum(string instrument) => All.Where(measured => measured.Instrument == instrument).Sum(measured => measured.Value);

    /// <summary>The tags of the instrument's measurements, each set once, as text.</summary>
    public IEnumerable<string> TagsOf(string instrument) =>
        All.Where(measured => measured.Instrument == instrument).Select(measured => measured.Tags).Distinct(StringComparer.Ordinal);

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        All.Enqueue(
            new Measured(
                instrument.Name,
                value,
                string.Join(" ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal))));

    internal sealed record Measured(string Instrument, double Value, string Tags);
}
