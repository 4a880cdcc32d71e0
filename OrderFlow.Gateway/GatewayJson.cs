using System.Text.Json.Serialization;
using OrderFlow.Contracts.Http;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Gateway.Problems;

namespace OrderFlow.Gateway;

/// <summary>Everything that the Gateway writes as JSON, and reads as JSON from OrderService.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(KeyClaim), GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(KeyCount), GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class GatewayJson : JsonSerializerContext;
