using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>Reads properties and headers as the message contract says, of every type of event, known or not. What bodies say is not looked at.</summary>
internal static class TapDecoder
{
    private static readonly IReadOnlyDictionary<string, object?> NoHeaders = new Dictionary<string, object?>(StringComparer.Ordinal);

    public static TappedMessage Decode(
        ulong tag, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body, long receivedAt)
    {
        var reader = new PropertyReader(properties);
        reader.Required(properties.Type, "type");
        var context = new EventContext
        {
            EventId = reader.RequiredGuid(properties.MessageId, "message-id"),
            CorrelationId = reader.Required(properties.CorrelationId, "correlation-id"),
            OriginTimestampMicros = reader.Integer(HeaderNames.OriginTimestamp, 1, UnixMicroseconds.Last, absent: null),
            Flow = reader.Required(reader.Text(HeaderNames.Flow), HeaderNames.Flow),
            CausationId = reader.OptionalGuid(HeaderNames.CausationId),
            PublishedAtMicros = reader.Integer(HeaderNames.PublishedAt, 1, UnixMicroseconds.Last, absent: null),
            EventVersion = (int)reader.Integer(HeaderNames.EventVersion, 1, int.MaxValue, absent: 1),
            AggregateId = reader.Text(HeaderNames.AggregateId),
            TenantId = reader.Text(HeaderNames.TenantId),
            UserId = reader.Text(HeaderNames.UserId),
            Attempt = (int)reader.Integer(HeaderNames.Attempt, 1, 1_000_000, absent: 1),
            Replayed = reader.Flag(HeaderNames.Replayed),
            FlowAttempt = reader.FlowAttempt(HeaderNames.FlowAttempt),
        };
        return new TappedMessage
        {
            Tag = tag,
            Exchange = exchange,
            RoutingKey = routingKey,
            ReceivedAt = receivedAt,
            WireType = properties.Type,
            Source = properties.AppId,
            MessageId = properties.MessageId,
            Context = reader.Problem is null ? context : null,
            Problem = reader.Problem?.Detail,
            Headers = properties.Headers is { } headers ? headers.AsReadOnly() : NoHeaders,
            Body = body.ToArray(),
            ContentEncoding = properties.ContentEncoding,
        };
    }

    /// <summary>Takes the content encoding off the body. Only of what is about to be stored: what waits takes no more memory than it came with.</summary>
    public static TappedMessage DecodeBody(TappedMessage message)
    {
        if (message.ContentEncoding is null)
        {
            return message;
        }

        return BodyEncoding.TryDecode(message.ContentEncoding, message.Body, out var body, out var problem)
            ? message with { Body = body, ContentEncoding = null }
            : message with { Context = null, Problem = message.Problem ?? problem };
    }
}
