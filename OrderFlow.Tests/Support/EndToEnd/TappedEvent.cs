using System.Text;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>One event as it was on the wire.</summary>
internal sealed record TappedEvent(
    string WireType,
    string MessageId,
    string CorrelationId,
    string AppId,
    IReadOnlyDictionary<string, object?> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The event of a delivery, or all that are packed in it.</summary>
    public static IEnumerable<TappedEvent> From(BasicDeliverEventArgs delivery) => PackedMessages.In(
        delivery.BasicProperties, delivery.Body).Select(message => From(message.Properties, message.Body.ToArray()));

    private static TappedEvent From(IReadOnlyBasicProperties properties, byte[] body) => new(
        properties.Type ?? "",
        properties.MessageId ?? "",
        properties.CorrelationId ?? "",
        properties.AppId ?? "",
        (properties.Headers ?? new Dictionary<string, object?>()).ToDictionary(),
        body);

    public string? Header(string name) => Headers.GetValueOrDefault(name) switch
    {
        byte[] text => Encoding.UTF8.GetString(text),
        { } other => Convert.ToString(other, System.Globalization.CultureInfo.InvariantCulture),
        null => null,
    };
}
