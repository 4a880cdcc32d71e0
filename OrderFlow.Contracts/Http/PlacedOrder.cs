namespace OrderFlow.Contracts.Http;

/// <summary>An order and where it stands.</summary>
/// <remarks>OrderService writes it; the Gateway passes it on unread, and describes its API by it.</remarks>
/// <param name="OrderId">The order's id.</param>
/// <param name="Status">awaiting_payment, completed or rejected.</param>
/// <param name="Reason">Why it was rejected.</param>
/// <param name="UserId">Who ordered.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Total">In units of the currency.</param>
/// <param name="CorrelationId">The id of everything that followed from the order.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="ChangedAt">When it took its status.</param>
/// <param name="Lines">What was ordered.</param>
/// <param name="History">The statuses that it took, oldest first; of a rejected order then refund_requested and refunded, or
/// payment_declined, when its payment is answered later.</param>
public sealed record PlacedOrder(
    Guid OrderId,
    string Status,
    string? Reason,
    string UserId,
    string Currency,
    decimal Total,
    string CorrelationId,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    IReadOnlyList<PlacedOrderLine> Lines,
    IReadOnlyList<PlacedOrderStep> History);
