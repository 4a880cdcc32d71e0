using System.Diagnostics;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using static OrderFlow.Messaging.Diagnostics.Tags;

namespace OrderFlow.Messaging.Publishing;

/// <summary>One publish with its span and timer. Not counted when neither outcome is told: then its caller gave up.</summary>
internal sealed class PublishMeasurement : IDisposable
{
    private readonly MessagingDiagnostics _diagnostics;
    private readonly string _source;
    private readonly Activity? _span;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <summary>
    /// Begins; <paramref name="stored"/> names the parent of an event whose handler has ended, otherwise the surrounding span is it. <paramref name="scheduled"/>:
    /// whether it has waited on purpose since then.
    /// </summary>
    public PublishMeasurement(
        MessagingDiagnostics diagnostics, string source, PublishRoute route, EventEncoder encoder, EventBody body, EventContext context, TraceContext? stored = null,
        bool scheduled = false)
    {
        (_diagnostics, _source, Route) = (diagnostics, source, route);
        // Several spans of a batch are open at once; none of them may become the parent of the next.
        var surrounding = Activity.Current;
        if (stored is not null)
        {
            Activity.Current = null;
        }

        _span = diagnostics.Spans.StartActivity(route.Destination.SpanName, ActivityKind.Producer, stored?.Parent() ?? default);
        try
        {
            Message = encoder.Encode(route, body, context, _span ?? (stored is null ? surrounding : null), stored ?? default);
        }
        catch (Exception)
        {
            _span?.Dispose();
            throw;
        }
        finally
        {
            Activity.Current = surrounding;
        }

        if (_span is { IsAllDataRequested: true })
        {
            diagnostics.Describe(_span, SendOperation, route.Destination);
            _span.SetTag(RoutingKey, route.WireType);
            _span.SetTag(MessageId, Message.Properties.MessageId);
            _span.SetTag(ConversationId, context.CorrelationId);
            // Of both sizes the one before compression, as the conventions say.
            _span.SetTag(BodySize, body.Length);
            if (scheduled)
            {
                _span.SetTag(SpanAttributes.WaitedAs, StageNames.Scheduled);
            }
        }
    }

    public PublishRoute Route { get; }

    public PendingPublish Message { get; }

    public void Succeeded()
    {
        _diagnostics.Published.Add(1, Tag(EventType, Route.WireType), Tag(Source, _source));
        Measure(errorType: null);
    }

    public void Failed(PublishFailure reason)
    {
        var label = LabelOf(reason);
        _diagnostics.PublishFailures.Add(1, Tag(EventType, Route.WireType), Tag(Source, _source), Tag(Reason, label));
        _span?.SetTag(ErrorType, label);
        _span?.SetStatus(ActivityStatusCode.Error, label);
        Measure(label);
    }

    public void Dispose() => _span?.Dispose();

    private void Measure(string? errorType)
    {
        var seconds = Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        var tags = new TagList { { MessagingSystem, RabbitMqSystem }, { OperationName, SendOperation }, { DestinationName, Route.Destination.Name } };
        if (errorType is null)
        {
            _diagnostics.PublishDuration.Record(seconds, Tag(EventType, Route.WireType), Tag(Source, _source));
        }
        else
        {
            tags.Add(ErrorType, errorType);
        }

        _diagnostics.SentMessages.Add(1, tags);
        tags.Add(OperationType, SendOperation);
        _diagnostics.OperationDuration.Record(seconds, tags);
        // Here, not when the whole batch is done: what else its publisher waits for is no part of this publish.
        _span?.Stop();
    }

    private static string LabelOf(PublishFailure reason) => reason switch
    {
        PublishFailure.Disconnected => "disconnected",
        PublishFailure.Unroutable => "unroutable",
        PublishFailure.Nacked => "nacked",
        PublishFailure.TimedOut => "timed_out",
        PublishFailure.Overloaded => "overloaded",
        _ => Unknown,
    };
}
