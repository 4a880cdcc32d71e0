using System.Text.Json.Serialization;

namespace OrderFlow.Benchmarks.Services.Durable;

[JsonSerializable(typeof(PlaceOrder))]
[JsonSerializable(typeof(OrderCreated))]
[JsonSerializable(typeof(PaymentRequested))]
[JsonSerializable(typeof(PaymentProcessed))]
[JsonSerializable(typeof(OrderProcessed))]
internal sealed partial class DurableJson : JsonSerializerContext;
