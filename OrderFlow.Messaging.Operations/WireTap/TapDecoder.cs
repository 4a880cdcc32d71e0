using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>
/// Reads properties and headers as the message contract says, of every type of event, known or not. What bodies say is not looked at.
/// </summary>
internal static class TapDecoder
{
    private static readonly IReadOnlyDictionary<string, object?> NoHeaders = new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>Reads a delivery, and what is packed in it as if each had come by itself.</summary>
    public static IEnumerable<TappedMessage> DecodeAll(
        ulong tag, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, long receivedAt)
    {
        try
        {
            var messages = PackedMessages.In(properties, body);
            return messages.Select((message, index) =>
                Decode(tag, exchange, routingKey, message.Properties, message.Body.Span, receivedAt) with
                {
                    EndsDelivery = index == messages.Count - 1,
                });
        }
        catch (InvalidDataException exception)
        {
            var decoded = Decode(tag, exchange, routingKey, properties, body.Span, receivedAt);
            return [decoded with { Context = null, Problem = exception.Message }];
        }
    }

    public static TappedMessage Decode(
        ulong tag, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body, long receivedAt)
    {
        var reader = new PropertyReader(properties);
        reader.Required(properties.Type, "type");
        var context = EventContextReader.Read(ref reader, properties, publishedAtRequired: true);
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

    /// <summary>
    /// Takes the content encoding off the body. Only of what is about to be stored: what waits takes no more memory than it came with.
    /// </summary>
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
