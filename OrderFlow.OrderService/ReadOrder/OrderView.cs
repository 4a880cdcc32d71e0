using System.Text.Json.Serialization;

namespace OrderFlow.OrderService.ReadOrder;

/// <summary>An order as its customer sees it.</summary>
internal sealed record OrderView(
    string OrderId,
    string Status,
    string? Reason,
    string UserId,
    string Currency,
    decimal Total,
    string CorrelationId,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    IReadOnlyList<OrderLineView> Lines,
    IReadOnlyList<OrderStepView> History);

/// <summary>One line of it.</summary>
internal sealed record OrderLineView(string Id, int Quantity, decimal? UnitPrice);

/// <summary>A status that the order took, or what happened to its payment after its end, and the event that brought it there.</summary>
internal sealed record OrderStepView(string Status, DateTimeOffset At, Guid EventId, string? Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OrderView))]
internal sealed partial class OrderServiceJson : JsonSerializerContext;
