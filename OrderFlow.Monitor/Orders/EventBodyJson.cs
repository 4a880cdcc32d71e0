using System.Text.Json;
using Google.Protobuf;
using OrderFlow.Contracts;

namespace OrderFlow.Monitor.Orders;

/// <summary>Shows a body, which is protobuf, as JSON.</summary>
internal static class EventBodyJson
{
    /// <summary>The body as JSON, or why it cannot be shown so.</summary>
    public static (JsonElement? Json, string? Problem) Decode(string wireType, long version, byte[] body)
    {
        if (!EventCatalog.WireTypes.TryGetValue(wireType, out var descriptor))
        {
            return (null, $"this version knows no event '{wireType}'");
        }

        if (version != EventCatalog.Versions[wireType])
        {
            return (null, $"it has version {version} of {wireType}, and this Monitor knows version {EventCatalog.Versions[wireType]}");
        }

        try
        {
            return (Parse(JsonFormatter.Default.Format(descriptor.Parser.ParseFrom(body))), null);
        }
        catch (InvalidProtocolBufferException exception)
        {
            return (null, exception.Message);
        }
    }

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
