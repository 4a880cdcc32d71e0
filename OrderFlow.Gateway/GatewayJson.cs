using System.Text.Json.Serialization;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Gateway.RefuseRequest;

namespace OrderFlow.Gateway;

/// <summary>What the Gateway writes as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class GatewayJson : JsonSerializerContext;
