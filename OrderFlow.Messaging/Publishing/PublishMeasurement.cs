using System.Diagnostics;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;
using static OrderFlow.Messaging.Diagnostics.Tags;

namespace OrderFlow.Messaging.Publishing;

/// <summary>One publish with its span and timer. Not counted when neither outcome is told: then its caller gave up.</summary>
internal sealed class PublishMeasurement : IDisposable
{
    private readonly MessagingDiagnostics _diagnostics;
    private readonly string _source;
    private readonly Activity? _span;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <param name="diagnostics">What is measured with.</param>
    /// <param name="source">The service.</param>
    /// <param name="route">Where the event goes.</param>
    /// <param name="parent">The span that caused an event whose handler has ended; <see langword="null"/> for the surrounding one.</param>
    public PublishMeasurement(MessagingDiagnostics diagnostics, string source, PublishRoute route, ActivityContext? parent)
    {
        (_diagnostics, _source, Route) = (diagnostics, source, route);
        // Several spans of a batch are open at once; none of them may become the parent of the next.
        var surrounding = Activity.Current;
        if (parent is not null)
        {
            Activity.Current = null;
        }

        _span = diagnostics.Spans.StartActivity(route.Destination.SpanName, ActivityKind.Producer, parent ?? default);
        Activity.Current = surrounding;
        Producer = _span ?? (parent is null ? surrounding : null);
    }

    public PublishRoute Route { get; }

    /// <summary>The span that the message names as its producer's.</summary>
    public Activity? Producer { get; }

    /// <param name="spans">What every span of a message says.</param>
    /// <param name="properties">Those of the message.</param>
    /// <param name="bodySize">Bytes of the body before compression, as the conventions want it.</param>
    /// <param name="scheduled">Whether the event has waited on purpose.</param>
    public void Describe(SpanDescription spans, IReadOnlyBasicProperties properties, int bodySize, bool scheduled)
    {
        if (_span is not { IsAllDataRequested: true })
        {
            return;
        }

        spans.AddTo(_span, SendOperation, Route.Destination);
        _span.SetTag(RoutingKey, Route.WireType);
        _span.SetTag(Tags.MessageId, properties.MessageId);
        _span.SetTag(ConversationId, properties.CorrelationId);
        _span.SetTag(BodySize, bodySize);
        if (scheduled)
        {
            _span.SetTag(SpanAttributes.WaitedAs, StageNames.Scheduled);
        }
    }

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
        var tags = new TagList
        {
            { MessagingSystem, RabbitMqSystem },
            { OperationName, SendOperation },
            { DestinationName, Route.Destination.Name },
        };
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
