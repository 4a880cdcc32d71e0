using System.Diagnostics;
using OrderFlow.Messaging.Accounting;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Receiving;
using OrderFlow.Messaging.Transport;
using static OrderFlow.Messaging.Diagnostics.Tags;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>One delivery with its span and timers. What is interrupted, and so delivered again, is counted nowhere.</summary>
internal sealed class HandlingMeasurement : IDisposable
{
    private readonly MessagingDiagnostics diagnostics;
    private readonly MessagingWiring wiring;
    private readonly Delivery delivery;
    private readonly Activity? span;
    private readonly KeyValuePair<string, object?> eventType;
    private readonly KeyValuePair<string, object?> handler;
    private readonly Destination destination;
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private bool active;

    public HandlingMeasurement(MessagingDiagnostics diagnostics, MessagingWiring wiring, Delivery delivery, EventRoute? route, TimeProvider time)
    {
        (this.diagnostics, this.wiring, this.delivery) = (diagnostics, wiring, delivery);
        eventType = Tag(EventType, route?.WireType ?? Unknown);
        handler = Tag(Handler, route?.HandlerName ?? Unknown);
        destination = diagnostics.Processing(route?.WireType);
        var producer = TraceHeaders.Extract(delivery.Properties.Headers);
        // Without a parent in the headers this is a trace of its own, whatever span surrounds the consumer.
        Activity.Current = null;
        // So is one that comes minutes later, from a retry tier or a replay: it only links to what it continues.
        var late = WaitedAs(delivery);
        span = late is null
            ? diagnostics.Spans.StartActivity(destination.SpanName, ActivityKind.Consumer, producer)
            : diagnostics.Spans.StartActivity(destination.SpanName, ActivityKind.Consumer, default(ActivityContext), tags: null, producer == default ? null : [new ActivityLink(producer)]);
        TraceId = span?.TraceId.ToHexString() ?? (producer == default ? null : producer.TraceId.ToHexString());
        if (span is not null)
        {
            TraceHeaders.ExtractBaggage(delivery.Properties.Headers, span);
            Describe(span, late, time);
        }
    }

    public string? TraceId { get; }

    /// <summary>The delivery is an event and is going to be handled.</summary>
    public void Receive(ReceivedEvent received)
    {
        if (received.RetryTier is not null)
        {
            Retrying();
        }

        active = true;
        diagnostics.ActiveHandlers.Add(1, eventType, handler);
        if (!Accounting.ClockReading.IsPlausible(received.WaitMicros))
        {
            diagnostics.ClockSkew.Add(1, Tag(Producer, diagnostics.Producers.Bound(delivery.Properties.AppId)), Tag(Consumer, wiring.Service));
        }
    }

    public void AttemptFailed(Exception exception)
    {
        diagnostics.HandlingErrors.Add(1, eventType, handler, Tag(ErrorTypeLabel, exception.GetType().Name));
        span?.AddException(exception);
    }

    public void Retrying() => diagnostics.Retried.Add(1, eventType, handler);

    public void Succeeded() => MeasureHandled(Success, errorType: null);

    /// <summary>The event was handled before; processed, but not by the handler.</summary>
    public void Duplicate()
    {
        span?.SetTag(SpanAttributes.Duplicate, true);
        MeasureProcessed(errorType: null);
    }

    /// <summary>Every attempt of this delivery failed and the event waits for a later one, unless it is kept.</summary>
    public void RetryQueued(Exception exception, Settlement settled)
    {
        if (settled != Settlement.Keep)
        {
            diagnostics.RetryQueued.Add(1, eventType, handler);
            MeasureProcessed(exception.GetType().FullName);
        }
    }

    /// <summary>Every attempt failed and the event was dead-lettered, unless it is kept.</summary>
    public void Failed(HandlingOutcome.Failed failed, Settlement settled)
    {
        if (settled != Settlement.Keep)
        {
            if (!failed.Permanent)
            {
                diagnostics.RetryFailed.Add(1, eventType, handler);
            }

            MeasureDeadLetter(failed.Permanent ? DeadLetterReasons.PermanentFailure : DeadLetterReasons.HandlerFailed);
            MeasureHandled(Failure, failed.Exception.GetType().FullName);
        }
    }

    /// <summary>The delivery could not be read and was dead-lettered, unless it is kept.</summary>
    public void Unreadable(string reason, Settlement settled)
    {
        if (settled != Settlement.Keep)
        {
            MeasureDeadLetter(reason);
            MeasureProcessed(reason);
        }
    }

    public void Dispose()
    {
        if (active)
        {
            diagnostics.ActiveHandlers.Add(-1, eventType, handler);
        }

        span?.Dispose();
    }

    private void MeasureHandled(string status, string? errorType)
    {
        diagnostics.Handled.Add(1, eventType, handler, Tag(Status, status));
        diagnostics.HandlingDuration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, eventType, handler, Tag(Status, status));
        MeasureProcessed(errorType);
    }

    private void MeasureDeadLetter(string reason) => diagnostics.DeadLettered.Add(1, eventType, handler, Tag(Reason, reason));

    private void MeasureProcessed(string? errorType)
    {
        var tags = new TagList { { MessagingSystem, RabbitMqSystem }, { OperationName, ProcessOperation }, { DestinationName, destination.Name } };
        if (errorType is not null)
        {
            tags.Add(ErrorType, errorType);
            span?.SetTag(ErrorType, errorType);
            span?.SetStatus(ActivityStatusCode.Error, errorType);
        }

        diagnostics.ConsumedMessages.Add(1, tags);
        diagnostics.ProcessDuration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, tags);
    }

    /// <summary>What a delivery waited as that comes long after its publishing; <see langword="null"/> of one that comes at once.</summary>
    private static string? WaitedAs(Delivery delivery) =>
        delivery.Properties.Headers is not { } headers ? null
        : headers.ContainsKey(HeaderNames.RetryTier) ? StageNames.Retry
        : headers.ContainsKey(HeaderNames.Replayed) ? StageNames.DeadLetter
        : null;

    private void Describe(Activity activity, string? waitedAs, TimeProvider time)
    {
        if (activity.IsAllDataRequested)
        {
            diagnostics.Describe(activity, ProcessOperation, destination);
            activity.SetTag(RoutingKey, delivery.RoutingKey);
            activity.SetTag(DeliveryTag, (long)delivery.Tag);
            activity.SetTag(MessageId, delivery.Properties.MessageId);
            activity.SetTag(ConversationId, delivery.Properties.CorrelationId);
            activity.SetTag(BodySize, delivery.DecodedLength);
            activity.SetTag(SpanAttributes.BufferMicros, (long)delivery.WaitedFor(time).TotalMicroseconds);
            activity.SetTag(SpanAttributes.WaitedAs, waitedAs);
        }
    }
}
