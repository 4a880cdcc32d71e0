using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.ServiceDefaults.Telemetry;

namespace OrderFlow.NotificationService;

/// <summary>Every instrument of NotificationService.</summary>
internal sealed class NotificationInstruments
{
    public const string MeterName = "OrderFlow.NotificationService";
    public const string StageDurationName = "event_flow.stage.duration";
    public const string NegativeStageName = "event_flow.stage.negative";
    public const string WebhookGoneName = "notifications.webhook.gone";
    public const string ClockSkewName = "event_processing.clock_skew";

    public static readonly DurableCounter Sent = new(
        MeterName,
        "notifications.sent",
        "{notification}",
        "Notifications that customers were sent, by kind; counted in the transaction that handles the event, so once for each.",
        ["kind"],
        [EventTypes.OrderProcessed],
        [EventTypes.OrderRejected]);

    private readonly Histogram<double> _stageDuration;
    private readonly Counter<long> _negativeStage;
    private readonly Counter<long> _clockSkew;
    private volatile bool _webhookIsGone;

    public NotificationInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _stageDuration = meter.CreateHistogram(
            StageDurationName,
            "s",
            "Where the time of a flow went, by stage; the stages of a flow sum to its end-to-end latency.",
            tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = EndToEndLatency.Bounds });
        _negativeStage = meter.CreateCounter<long>(
            NegativeStageName,
            "{stage}",
            "Stages that are missing from the histogram, because they were negative, "
            + "or longer than a year, by the clocks of two machines.");
        _clockSkew = meter.CreateCounter<long>(
            ClockSkewName,
            "{event}",
            "Flows that ended before they began or took more than a year, by the clocks of Gateway and NotificationService; "
            + "their latency is not observed.");
        meter.CreateObservableGauge(
            WebhookGoneName,
            () => _webhookIsGone ? 1 : 0,
            "{webhook}",
            "1 while the webhook counts as gone, because it has answered 410, and is told nothing; "
            + "otherwise 0. Every replica says the same: take the maximum.");
    }

    /// <summary>Whether the webhook has answered 410.</summary>
    public bool WebhookIsGone
    {
        get => _webhookIsGone;
        set => _webhookIsGone = value;
    }

    /// <summary>Has the stage durations of a flow shown before its first event.</summary>
    public ZeroSeries StagesFromZero(string flow, IEnumerable<string> stages) =>
        new(_stageDuration, [.. stages.Select(stage => StageTags(flow, stage))]);

    public void StageDuration(TimeSpan duration, string flow, string stage) =>
        _stageDuration.Record(duration.TotalSeconds, StageTags(flow, stage));

    public void NegativeStage(string flow, string stage) => _negativeStage.Add(1, StageTags(flow, stage));

    public void ClockSkew(string flow) => _clockSkew.Add(1, new TagList { { "event_type", flow } });

    private static KeyValuePair<string, object?>[] StageTags(string flow, string stage) => [new("flow", flow), new("stage", stage)];
}
