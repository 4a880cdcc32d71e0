using System.Text;
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
    public static TappedEvent From(BasicDeliverEventArgs delivery) => new(
        delivery.BasicProperties.Type ?? "",
        delivery.BasicProperties.MessageId ?? "",
        delivery.BasicProperties.CorrelationId ?? "",
        delivery.BasicProperties.AppId ?? "",
        (delivery.BasicProperties.Headers ?? new Dictionary<string, object?>()).ToDictionary(),
        delivery.Body.ToArray());

    public string? Header(string name) => Headers.GetValueOrDefault(name) switch
    {
        byte[] text => Encoding.UTF8.GetString(text),
        { } other => Convert.ToString(other, System.Globalization.CultureInfo.InvariantCulture),
        null => null,
    };
}
