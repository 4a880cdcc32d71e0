using System.Text.Json.Serialization;

namespace OrderFlow.NotificationService.Channels;

/// <summary>What NotificationService writes as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(CustomerMessage))]
internal sealed partial class NotificationJson : JsonSerializerContext;
