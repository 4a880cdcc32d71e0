using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>A dead letter as a whole.</summary>
/// <param name="Letter">What its properties and headers say.</param>
/// <param name="CorrelationId">AMQP property <c>correlation-id</c>.</param>
/// <param name="Source">AMQP property <c>app-id</c>: the service that published it.</param>
/// <param name="ContentType">AMQP property <c>content-type</c>.</param>
/// <param name="ContentEncoding">AMQP property <c>content-encoding</c>; <c>BodyEncoding</c> reads such a body.</param>
/// <param name="Headers">The headers as they came; text is bytes.</param>
/// <param name="Body">The body as it came.</param>
public sealed record DeadLetterContent(
    DeadLetter Letter, string? CorrelationId, string? Source, string? ContentType, string? ContentEncoding,
    IReadOnlyDictionary<string, object?> Headers, ReadOnlyMemory<byte> Body)
{
    private static readonly IReadOnlyDictionary<string, object?> NoHeaders = new Dictionary<string, object?>(StringComparer.Ordinal);

    internal static DeadLetterContent Of(DeadLetter letter, BasicDeliverEventArgs delivery)
    {
        var properties = delivery.BasicProperties;
        return new DeadLetterContent(
            letter,
            properties.CorrelationId,
            properties.AppId,
            properties.ContentType,
            properties.ContentEncoding,
            properties.Headers?.AsReadOnly() ?? NoHeaders,
            delivery.Body);
    }
}
