using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>Every instrument and the span source of the bus, each with its unit and description.</summary>
internal sealed class MessagingDiagnostics : IDisposable
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;

    public MessagingDiagnostics(IMeterFactory meters)
    {
        _meter = meters.Create(MessagingTelemetry.Name);
        Published = _meter.CreateCounter<long>(
            "events.published", "{event}", "Events that the broker confirmed, by event_type and source.");
        PublishDuration = Histogram("events.publish.duration", "From handing an event to the publisher to the broker's confirm.");
        PublishFailures = _meter.CreateCounter<long>(
            "events.publish.failures", "{event}", "Events that the broker did not take, by reason.");
        Handled = _meter.CreateCounter<long>(
            "events.handled", "{event}", "Events that a handler is done with, retries included; status success or failure.");
        HandlingDuration = Histogram(
            "events.handling.duration", "From starting the first attempt of a delivery to its end, retries included.");
        HandlingErrors = _meter.CreateCounter<long>("events.handling.errors", "{error}", "Attempts that threw, by error_type.");
        // Prometheus reserves the suffix _count, so the gauge is not called events.handler.active.count.
        ActiveHandlers = _meter.CreateUpDownCounter<long>("events.handler.active", "{event}", "Events being handled now.");
        Retried = _meter.CreateCounter<long>(
            "events.retried", "{retry}", "Attempts after the first of an event, in the process or after a delay.");
        RetryQueued = _meter.CreateCounter<long>(
            "events.retry.queued", "{event}", "Events moved to a retry queue, to be delivered again after its delay.");
        RetryFailed = _meter.CreateCounter<long>("events.retry.failed", "{event}", "Events that failed with their last retry.");
        RetryQueueSize = _meter.CreateGauge<long>(
            "events.retry.queue.size",
            "{event}",
            "Events waiting in a retry queue, by queue; every replica of the service tells the same.");
        DeadLetterQueueSize = _meter.CreateGauge<long>(
            "events.dead_letter.queue.size",
            "{event}",
            "Events in the dead-letter queue, by queue; every replica of the service tells the same.");
        _meter.CreateObservableGauge(
            "events.brake.engaged",
            () => ThrottleIsOn ? 1L : 0L,
            description: "1 while the consumer slows down because nearly every event fails, else 0.");
        DeadLettered = _meter.CreateCounter<long>("events.dead_lettered", "{event}", "Events moved to the dead-letter queue, by reason.");
        ClockSkew = _meter.CreateCounter<long>(
            "event.clock_skew.detected",
            "{event}",
            "Events received before they were published, by the two clocks; producer and consumer.");
        OperationDuration = Histogram(
            "messaging.client.operation.duration", "Duration of messaging operation initiated by a producer or consumer client.");
        ProcessDuration = Histogram("messaging.process.duration", "Duration of processing operation.");
        SentMessages = _meter.CreateCounter<long>(
            "messaging.client.sent.messages", "{message}", "Number of messages producer attempted to send to the broker.");
        ConsumedMessages = _meter.CreateCounter<long>(
            "messaging.client.consumed.messages", "{message}", "Number of messages that were delivered to the application.");
    }

    public ActivitySource Spans { get; } = new(MessagingTelemetry.Name);

    /// <summary>The producers that have been seen, as a label may name them.</summary>
    public BoundedNames Producers { get; } = new();

    public Counter<long> Published { get; }

    public Histogram<double> PublishDuration { get; }

    public Counter<long> PublishFailures { get; }

    public Counter<long> Handled { get; }

    public Histogram<double> HandlingDuration { get; }

    public Counter<long> HandlingErrors { get; }

    public UpDownCounter<long> ActiveHandlers { get; }

    public Counter<long> Retried { get; }

    public Counter<long> RetryQueued { get; }

    public Gauge<long> RetryQueueSize { get; }

    public Gauge<long> DeadLetterQueueSize { get; }

    /// <summary>Shown as events.brake.engaged.</summary>
    public bool ThrottleIsOn { get; set; }

    public Counter<long> RetryFailed { get; }

    public Counter<long> DeadLettered { get; }

    public Counter<long> ClockSkew { get; }

    public Histogram<double> OperationDuration { get; }

    public Histogram<double> ProcessDuration { get; }

    public Counter<long> SentMessages { get; }

    public Counter<long> ConsumedMessages { get; }

    public void Dispose()
    {
        Spans.Dispose();
        _meter.Dispose();
    }

    private Histogram<double> Histogram(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, tags: null, advice: Seconds);
}
