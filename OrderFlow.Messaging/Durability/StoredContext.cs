using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrderFlow.Messaging.Durability;

/// <summary>What travels with an event, as the outbox's column <c>context</c> holds it.</summary>
internal sealed record StoredContext(EventContext Event, TraceContext Trace)
{
    public static string Write(EncodedEvent @event) =>
        JsonSerializer.Serialize(new StoredContext(@event.Context, @event.Trace), DurabilityJson.Default.StoredContext);

    public static StoredContext Read(string json) =>
        JsonSerializer.Deserialize(json, DurabilityJson.Default.StoredContext)
        ?? throw new JsonException("The context of an outbox row is null.");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredContext))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DurabilityJson : JsonSerializerContext;
