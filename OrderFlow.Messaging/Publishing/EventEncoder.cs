using System.Buffers;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>Writes an event and its context as the message contract says.</summary>
internal sealed class EventEncoder(MessagingWiring wiring, IOptions<MessagingOptions> options, TimeProvider time)
{
    public const string ContentType = "application/protobuf";

    /// <summary>What AMQP allows for a property; the wire type's limit is lower.</summary>
    private const int LongestProperty = 255;

    private readonly int _compressOver = options.Value.CompressOver is > 0 and var bytes ? bytes : int.MaxValue;

    /// <param name="route">Where the event goes.</param>
    /// <param name="content">Its body.</param>
    /// <param name="context">What travels with it.</param>
    /// <param name="activity">The span that publishes it.</param>
    /// <param name="stored">What a stored event kept of the span that caused it; travels where <paramref name="activity"/> has nothing to
    /// say.</param>
    public PendingPublish Encode(
        PublishRoute route, EventBody content, EventContext context, Activity? activity, TraceContext stored = default)
    {
        Validate(nameof(context.CorrelationId), context.CorrelationId, LongestProperty);
        Validate(nameof(context.Flow), context.Flow, PropertyReader.LongestHeader);
        Validate(nameof(context.AggregateId), context.AggregateId, PropertyReader.LongestHeader);
        Validate(nameof(context.TenantId), context.TenantId, PropertyReader.LongestHeader);
        Validate(nameof(context.UserId), context.UserId, PropertyReader.LongestHeader);

        var now = ClockReading.Now(time);
        var properties = new BasicProperties
        {
            MessageId = context.EventId.ToString(),
            CorrelationId = context.CorrelationId,
            Type = route.WireType,
            AppId = wiring.Service,
            ContentType = ContentType,
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = new AmqpTimestamp(now.Micros / 1_000_000),
            Headers = Headers(context, now, activity, stored),
        };
        var (body, length) = (ArrayPool<byte>.Shared.Rent(content.Length), content.Length);
        content.WriteTo(body.AsSpan(0, length));
        if (length > _compressOver && BodyEncoding.Compress(body.AsSpan(0, length)) is { } compressed)
        {
            compressed.CopyTo(body);
            length = compressed.Length;
            properties.ContentEncoding = BodyEncoding.Gzip;
        }

        return new PendingPublish(route.CachedExchange, route.CachedRoutingKey, route.RequireSubscriber, properties, body, length);
    }

    private static Dictionary<string, object?> Headers(
        EventContext context, ClockReading publishedAt, Activity? activity, TraceContext stored)
    {
        var headers = new Dictionary<string, object?>(13, StringComparer.Ordinal)
        {
            [HeaderNames.OriginTimestamp] = context.OriginTimestampMicros,
            [HeaderNames.PublishedAt] = publishedAt.Micros,
            [HeaderNames.EventVersion] = context.EventVersion,
            [HeaderNames.Flow] = context.Flow,
            [HeaderNames.Attempt] = context.Attempt,
            [HeaderNames.Stages] = context.Ledger.WriteAt(publishedAt),
        };
        AddIfPresent(HeaderNames.CausationId, context.CausationId?.ToString());
        AddIfPresent(HeaderNames.AggregateId, context.AggregateId);
        AddIfPresent(HeaderNames.TenantId, context.TenantId);
        AddIfPresent(HeaderNames.UserId, context.UserId);
        if (context.FlowAttempt != FlowAttempt.First)
        {
            headers[HeaderNames.FlowAttempt] = context.FlowAttempt.ToText();
        }

        if (context.Replayed)
        {
            headers[HeaderNames.Replayed] = true;
        }

        TraceHeaders.Inject(activity, headers);
        TraceHeaders.Inject(stored, headers);
        return headers;

        void AddIfPresent(string name, string? value)
        {
            if (value is not null)
            {
                headers[name] = value;
            }
        }
    }

    private static void Validate(string name, string? value, int longest)
    {
        if (value is not null && value.Length * 3 > longest && Encoding.UTF8.GetByteCount(value) > longest)
        {
            throw new ArgumentException(
                $"{name} is too long to travel with an event: "
                + $"{Encoding.UTF8.GetByteCount(value)} bytes, at most {longest} are allowed. It begins '{TextCut.ToUnits(value, 40)}'.",
                nameof(value));
        }
    }
}
