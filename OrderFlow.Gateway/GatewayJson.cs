using System.Text.Json.Serialization;
using OrderFlow.Contracts.Http;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Gateway.Problems;

namespace OrderFlow.Gateway;

/// <summary>What the Gateway writes as JSON, and what OrderService tells it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(KeyClaim), GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(KeyCount), GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class GatewayJson : JsonSerializerContext;
