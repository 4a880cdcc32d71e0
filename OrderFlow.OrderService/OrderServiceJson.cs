using System.Text.Json.Serialization;
using OrderFlow.Contracts.Http;

namespace OrderFlow.OrderService;

/// <summary>Everything that OrderService answers as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyClaim))]
[JsonSerializable(typeof(KeyCount))]
[JsonSerializable(typeof(PlacedOrder))]
internal sealed partial class OrderServiceJson : JsonSerializerContext;
