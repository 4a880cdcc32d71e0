using System.Diagnostics.Metrics;
using OrderFlow.Contracts;

namespace OrderFlow.Monitor.Hosting;

/// <summary>Every instrument of the Monitor.</summary>
internal sealed class MonitorInstruments
{
    public const string MeterName = "OrderFlow.Monitor";

    /// <summary>In seconds.</summary>
    private static readonly double[] StorageBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    /// <summary>What is farther is as far: a series that never changed has no measure.</summary>
    private const double MostScore = 1000;

    private readonly Counter<long> _stored;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _errors;
    private readonly Gauge<long> _open;
    private readonly Gauge<double> _oldest;
    private readonly Counter<long> _missed;
    private readonly Gauge<long> _waiting;
    private readonly Gauge<long> _drift;
    private readonly Counter<long> _telemetryStored;
    private readonly Counter<long> _telemetryDropped;
    private readonly Gauge<long> _undecided;
    private readonly Counter<long> _alertMessages;
    private readonly Gauge<int> _anomalous;
    private readonly Gauge<double> _anomalyScore;

    public MonitorInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _stored = meter.CreateCounter<long>("events.stored", "{event}", "Events that were stored for the first time.");
        _duration = meter.CreateHistogram(
            "event.storage.duration", "s", "From an event's arrival at the Monitor until it is stored, the wait for its batch included.",
            tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = StorageBounds });
        _errors = meter.CreateCounter<long>(
            "event.storage.errors",
            "{event}",
            "Events that could not be stored, by reason: unreadable ones go to the quarantine, those that the database did not take "
            + "are tried again.");
        _open = meter.CreateGauge<long>("event.flow.open", "{flow}", "Flows that have begun and not ended.");
        _oldest = meter.CreateGauge<double>(
            "event.flow.oldest_open.age", "s", "Age of the oldest flow that has begun and not ended; 0 when there is none.");
        _missed = meter.CreateCounter<long>(
            "event.flow.deadline.missed",
            "{flow}",
            "Flows that took longer than their deadline, each counted once, whether it ended late or never.");
        _waiting = meter.CreateGauge<long>(
            "event.tap.queue.size", "{event}", "Events that wait to be stored; beyond 1,000,000 the broker drops the oldest.");
        _drift = meter.CreateGauge<long>(
            "event.flow.drift", "{event}",
            "Events published that were neither handled nor given up at a consumer when the system was last idle: 0 is right, more "
            + "was lost, less was handled twice.");
        _telemetryStored = meter.CreateCounter<long>(
            "telemetry.stored", "{item}", "Spans and log lines that services sent and that were stored, by signal.");
        _telemetryDropped = meter.CreateCounter<long>(
            "telemetry.dropped", "{item}",
            "Spans and log lines that services sent and that were not stored, by signal and reason: not_kept (neither failed nor slow, and "
            + "not in the sample), buffer_full, invalid, refused (by the database), stopped.");
        _undecided = meter.CreateGauge<long>(
            "telemetry.undecided", "{span}", "Spans of traces that are not over, so that it is not decided whether they are kept.");
        _alertMessages = meter.CreateCounter<long>(
            "alert.messages", "{message}",
            "Attempts to tell a chat of alerts, by channel and outcome: sent, failed (it is tried again) or given_up.");
        _anomalous = meter.CreateGauge<int>(
            "anomaly.active", "{anomaly}", "Whether a series is anomalous, by detector and series: 1 or 0.");
        _anomalyScore = meter.CreateGauge<double>(
            "anomaly.score", "{limit}", "How far a series is from what is usual, by detector and series: 1 is the detector's limit.");
    }

    /// <summary>What a detector says of one of its series; their labels together are one label, for each detector has others.</summary>
    public void Anomaly(string detector, string series, bool isAnomalous, double score)
    {
        KeyValuePair<string, object?>[] tags = [new("detector", detector), new("series", series)];
        _anomalous.Record(isAnomalous ? 1 : 0, tags);
        _anomalyScore.Record(Math.Min(score, MostScore), tags);
    }

    public void Stored(string? wireType, long count) => _stored.Add(count, EventType(wireType));

    public void StoredAfter(string? wireType, TimeSpan duration) => _duration.Record(duration.TotalSeconds, EventType(wireType));

    public void Unreadable(string? wireType) => _errors.Add(1, EventType(wireType), new("reason", "unreadable"));

    public void NotTaken(string? wireType, long count) => _errors.Add(count, EventType(wireType), new("reason", "database"));

    public void Open(string flow, long count, TimeSpan oldest)
    {
        _open.Record(count, new KeyValuePair<string, object?>("flow", flow));
        _oldest.Record(oldest.TotalSeconds, new KeyValuePair<string, object?>("flow", flow));
    }

    /// <summary>Adding 0 shows the series before the first miss, without which it would be in no rate.</summary>
    public void DeadlineMissed(string flow, long count) => _missed.Add(count, new KeyValuePair<string, object?>("flow", flow));

    public void Drift(string wireType, string consumer, long count) =>
        _drift.Record(count, EventType(wireType), new("consumer", consumer));

    public void Waiting(long count) => _waiting.Record(count);

    public void TelemetryStored(string signal, long count) =>
        Add(_telemetryStored, count, new KeyValuePair<string, object?>("signal", signal));

    public void TelemetryDropped(string signal, string reason, long count) =>
        Add(
            _telemetryDropped,
            count,
            new KeyValuePair<string, object?>("signal", signal),
            new KeyValuePair<string, object?>("reason", reason));

    public void AlertMessage(string channel, string outcome) =>
        _alertMessages.Add(1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("outcome", outcome));

    public void TraceBuffered(long spans) => _undecided.Record(spans);

    private static void Add(Counter<long> counter, long count, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (count > 0)
        {
            counter.Add(count, tags);
        }
    }

    /// <summary>A label that no sender can multiply.</summary>
    private static KeyValuePair<string, object?> EventType(string? wireType) =>
        new("event_type", wireType is not null && EventCatalog.WireTypes.ContainsKey(wireType) ? wireType : "unknown");
}
