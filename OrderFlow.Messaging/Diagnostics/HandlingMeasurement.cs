using System.Diagnostics;
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
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private bool active;

    public HandlingMeasurement(MessagingDiagnostics diagnostics, MessagingWiring wiring, Delivery delivery, EventRoute? route)
    {
        (this.diagnostics, this.wiring, this.delivery) = (diagnostics, wiring, delivery);
        eventType = Tag(EventType, route?.WireType ?? Unknown);
        handler = Tag(Handler, route?.HandlerName ?? Unknown);
        var producer = TraceHeaders.Extract(delivery.Properties.Headers);
        // Without a parent in the headers this is a trace of its own, whatever span surrounds the consumer.
        Activity.Current = null;
        span = diagnostics.Spans.StartActivity(diagnostics.ProcessSpanName, ActivityKind.Consumer, producer);
        TraceId = span?.TraceId.ToHexString() ?? (producer == default ? null : producer.TraceId.ToHexString());
        if (span is not null)
        {
            TraceHeaders.ExtractBaggage(delivery.Properties.Headers, span);
            Describe(span);
        }
    }

    public string? TraceId { get; }

    /// <summary>The delivery is an event and is going to be handled.</summary>
    public void Receive(EventContext context)
    {
        active = true;
        diagnostics.ActiveHandlers.Add(1, eventType, handler);
        if (UnixMicroseconds.From(delivery.ReceivedAt) < context.PublishedAtMicros)
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
        span?.SetTag(DuplicateDelivery, true);
        MeasureProcessed(errorType: null);
    }

    /// <summary>Every attempt failed and the event was dead-lettered, unless it is kept.</summary>
    public void Failed(Exception exception, Settlement settled)
    {
        if (settled != Settlement.Keep)
        {
            diagnostics.RetryFailed.Add(1, eventType, handler);
            MeasureDeadLetter(DeadLetterReasons.HandlerFailed);
            MeasureHandled(Failure, exception.GetType().FullName);
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
        var tags = new TagList { { MessagingSystem, RabbitMqSystem }, { OperationName, ProcessOperation }, { Destination, wiring.Service } };
        if (errorType is not null)
        {
            tags.Add(ErrorType, errorType);
            span?.SetTag(ErrorType, errorType);
            span?.SetStatus(ActivityStatusCode.Error, errorType);
        }

        diagnostics.ConsumedMessages.Add(1, tags);
        diagnostics.ProcessDuration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, tags);
    }

    private void Describe(Activity activity)
    {
        if (activity.IsAllDataRequested)
        {
            activity.SetTag(MessagingSystem, RabbitMqSystem);
            activity.SetTag(OperationName, ProcessOperation);
            activity.SetTag(OperationType, ProcessOperation);
            activity.SetTag(Destination, wiring.Service);
            activity.SetTag(RoutingKey, delivery.RoutingKey);
            activity.SetTag(MessageId, delivery.Properties.MessageId);
            activity.SetTag(ConversationId, delivery.Properties.CorrelationId);
            activity.SetTag(BodySize, delivery.Body.Length);
        }
    }
}
