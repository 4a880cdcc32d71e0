using System.Text.Json.Serialization;

namespace OrderFlow.Benchmarks.Services.Durable;

// The messages of the journey, the same for every implementation. Arrived is when the request was at the Gateway, by the machine's
// monotonic clock; each event carries it on. The events are public because the code that WolverineFx generates uses them.

internal sealed record OrderItem([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("quantity")] int Quantity);

internal sealed record PlaceOrder(
    [property: JsonPropertyName("items")] IReadOnlyList<OrderItem> Items, [property: JsonPropertyName("userId")] string UserId);

public sealed record OrderCreated(Guid EventId, Guid OrderId, string UserId, string ItemId, int Quantity, long Arrived)
{
    /// <summary>The event that a request begins its journey with.</summary>
    internal static OrderCreated Of(PlaceOrder order, long arrived) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), order.UserId, order.Items[0].Id, order.Items[0].Quantity, arrived);
}

public sealed record PaymentRequested(Guid EventId, Guid PaymentId, Guid OrderId, string UserId, decimal Amount, long Arrived);

public sealed record PaymentProcessed(
    Guid EventId, Guid PaymentId, Guid OrderId, string UserId, decimal Amount, bool Approved, long Arrived);

public sealed record OrderProcessed(Guid EventId, Guid OrderId, string UserId, decimal Total, bool Completed, long Arrived);
