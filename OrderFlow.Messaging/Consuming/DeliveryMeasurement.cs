using System.Diagnostics;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Routing;
using static OrderFlow.Messaging.Diagnostics.Tags;

namespace OrderFlow.Messaging.Consuming;

/// <summary>One delivery with its span and timers. What is interrupted, and so delivered again, is counted nowhere.</summary>
internal sealed class DeliveryMeasurement : IDisposable
{
    private readonly MessagingDiagnostics _diagnostics;
    private readonly string _service;
    private readonly Delivery _delivery;
    private readonly Activity? _span;
    private readonly KeyValuePair<string, object?> _eventType;
    private readonly KeyValuePair<string, object?> _handler;
    private readonly Destination _destination;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private bool _active;

    public DeliveryMeasurement(
        MessagingDiagnostics diagnostics, SpanDescription spans, string service, Destination destination, Delivery delivery,
        EventRoute? route, TimeProvider time)
    {
        (_diagnostics, _service, _destination, _delivery) = (diagnostics, service, destination, delivery);
        _eventType = Tag(EventType, route?.WireType ?? Unknown);
        _handler = Tag(Handler, route?.HandlerName ?? Unknown);
        var producer = TraceHeaders.Extract(delivery.Properties.Headers);
        // Without a parent in the headers this is a trace of its own, whatever span surrounds the consumer.
        Activity.Current = null;
        // So is one that comes minutes later, from a retry tier or a replay: it only links to what it continues.
        var late = WaitedAs(delivery);
        _span = late is null
            ? diagnostics.Spans.StartActivity(_destination.SpanName, ActivityKind.Consumer, producer)
            : diagnostics.Spans.StartActivity(
                _destination.SpanName,
                ActivityKind.Consumer,
                default(ActivityContext),
                tags: null,
                producer == default ? null : [new ActivityLink(producer)]);
        TraceId = _span?.TraceId.ToHexString() ?? (producer == default ? null : producer.TraceId.ToHexString());
        if (_span is not null)
        {
            TraceHeaders.ExtractBaggage(delivery.Properties.Headers, _span);
            Describe(_span, spans, late, time);
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

        _active = true;
        _diagnostics.ActiveHandlers.Add(1, _eventType, _handler);
        if (!ClockReading.IsPlausible(received.WaitMicros))
        {
            _diagnostics.ClockSkew.Add(1, Tag(Producer, _diagnostics.Producers.Bound(_delivery.Properties.AppId)), Tag(Consumer, _service));
        }
    }

    public void AttemptFailed(Exception exception)
    {
        _diagnostics.HandlingErrors.Add(1, _eventType, _handler, Tag(ErrorTypeLabel, exception.GetType().Name));
        _span?.AddException(exception);
    }

    public void Retrying() => _diagnostics.Retried.Add(1, _eventType, _handler);

    public void Succeeded() => MeasureHandled(Success, errorType: null);

    /// <summary>The event was handled before; processed, but not by the handler.</summary>
    public void Duplicate()
    {
        _span?.SetTag(SpanAttributes.Duplicate, true);
        MeasureProcessed(errorType: null);
    }

    /// <summary>Every attempt of this delivery failed and the event waits for a later one, unless it is kept.</summary>
    public void RetryQueued(Exception exception, Settlement settled)
    {
        if (settled != Settlement.Keep)
        {
            _diagnostics.RetryQueued.Add(1, _eventType, _handler);
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
                _diagnostics.RetryFailed.Add(1, _eventType, _handler);
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
        if (_active)
        {
            _diagnostics.ActiveHandlers.Add(-1, _eventType, _handler);
        }

        _span?.Dispose();
    }

    private void MeasureHandled(string status, string? errorType)
    {
        _diagnostics.Handled.Add(1, _eventType, _handler, Tag(Status, status));
        _diagnostics.HandlingDuration.Record(Stopwatch.GetElapsedTime(_startedAt).TotalSeconds, _eventType, _handler, Tag(Status, status));
        MeasureProcessed(errorType);
    }

    private void MeasureDeadLetter(string reason) => _diagnostics.DeadLettered.Add(1, _eventType, _handler, Tag(Reason, reason));

    private void MeasureProcessed(string? errorType)
    {
        var tags = new TagList
        {
            { MessagingSystem, RabbitMqSystem },
            { OperationName, ProcessOperation },
            { DestinationName, _destination.Name },
        };
        if (errorType is not null)
        {
            tags.Add(ErrorType, errorType);
            _span?.SetTag(ErrorType, errorType);
            _span?.SetStatus(ActivityStatusCode.Error, errorType);
        }

        _diagnostics.ConsumedMessages.Add(1, tags);
        _diagnostics.ProcessDuration.Record(Stopwatch.GetElapsedTime(_startedAt).TotalSeconds, tags);
    }

    /// <summary>What a delivery waited as that comes long after its publishing; <see langword="null"/> of one that comes at once.</summary>
    private static string? WaitedAs(Delivery delivery) =>
        delivery.Properties.Headers is not { } headers ? null
        : headers.ContainsKey(HeaderNames.RetryTier) ? StageNames.Retry
        : headers.ContainsKey(HeaderNames.Replayed) ? StageNames.DeadLetter
        : null;

    private void Describe(Activity activity, SpanDescription spans, string? waitedAs, TimeProvider time)
    {
        if (activity.IsAllDataRequested)
        {
            spans.AddTo(activity, ProcessOperation, _destination);
            activity.SetTag(RoutingKey, _delivery.RoutingKey);
            activity.SetTag(DeliveryTag, (long)_delivery.Tag);
            activity.SetTag(MessageId, _delivery.Properties.MessageId);
            activity.SetTag(ConversationId, _delivery.Properties.CorrelationId);
            activity.SetTag(BodySize, _delivery.DecodedLength);
            activity.SetTag(SpanAttributes.BufferMicros, (long)_delivery.WaitedFor(time).TotalMicroseconds);
            activity.SetTag(SpanAttributes.WaitedAs, waitedAs);
        }
    }
}
