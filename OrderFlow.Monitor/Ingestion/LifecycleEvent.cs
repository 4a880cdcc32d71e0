using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>What became of an event at a consumer: retry queued, dead-lettered, replayed, handled or discarded.</summary>
internal sealed record LifecycleEvent(EventContext Context, string WireType, string Kind, string Service, DateTimeOffset At)
{
    public string? Handler { get; init; }

    public int? Attempt { get; init; }

    public int? Tier { get; init; }

    public string? Reason { get; init; }

    /// <summary>The worst that happened to the flow until then.</summary>
    public FlowAttempt FlowAttempt { get; init; }

    public string? ExceptionType { get; init; }

    public string? ExceptionMessage { get; init; }

    public Guid? Run { get; init; }

    public string? By { get; init; }

    /// <returns><see langword="null"/> for a message that is no life-cycle event, or whose subject is no event: that belongs to no
    /// flow.</returns>
    public static LifecycleEvent? Read(TappedMessage message)
    {
        var headers = new LifecycleEventHeaders(message.Headers);
        if (message.Context is not { } context
            || headers.Text(HeaderNames.Notice) is not { } kind
            || headers.Text(HeaderNames.NoticeService) is not { } service
            || headers.Integer(HeaderNames.NoticeAt) is not ({ } micros and > 0) || micros > UnixMicroseconds.Last)
        {
            return null;
        }

        var lifecycleEvent = new LifecycleEvent(context, message.WireType!, kind, service, UnixMicroseconds.ToTime(micros))
        {
            Run = headers.Id(HeaderNames.ReplayRun),
            FlowAttempt = context.WorstAttempt,
        };
        return kind switch
        {
            LifecycleEventNames.RetryQueued => lifecycleEvent with
            {
                Handler = headers.Text(HeaderNames.RetryHandler),
                // The copy says which attempt comes next.
                Attempt = context.Attempt - 1,
                Tier = headers.Number(HeaderNames.RetryTier),
                ExceptionType = headers.Text(HeaderNames.RetryExceptionType),
                ExceptionMessage = headers.Text(HeaderNames.RetryExceptionMessage),
            },
            LifecycleEventNames.DeadLettered => lifecycleEvent with
            {
                Handler = headers.Text(HeaderNames.DeadLetterHandler),
                // The letter has the attempt that its delivery began with.
                FlowAttempt = headers.Number(HeaderNames.DeadLetterAttempts) is { } attempts and > 1
                    ? (context with { Attempt = attempts }).WorstAttempt
                    : context.WorstAttempt,
                Attempt = headers.Number(HeaderNames.DeadLetterAttempts),
                Reason = headers.Text(HeaderNames.DeadLetterReason),
                ExceptionType = headers.Text(HeaderNames.DeadLetterExceptionType),
                ExceptionMessage = headers.Text(HeaderNames.DeadLetterExceptionMessage),
            },
            LifecycleEventNames.Handled => lifecycleEvent with { Attempt = context.Attempt },
            LifecycleEventNames.Replayed => lifecycleEvent,
            LifecycleEventNames.Discarded => lifecycleEvent with
            {
                Run = headers.Id(HeaderNames.NoticeRun),
                Reason = headers.Text(HeaderNames.NoticeReason),
                By = headers.Text(HeaderNames.NoticeBy),
            },
            _ => null,
        };
    }
}
