namespace OrderFlow.Gateway.ReadOrder;

/// <summary>An order and where it stands.</summary>
/// <remarks>OrderService writes it and the Gateway hands it on unread, so this is for the description of the API alone.</remarks>
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
/// <param name="History">The statuses that it took, oldest first; of a rejected order then refund_requested and refunded, or payment_declined, when its payment is answered later.</param>
internal sealed record PlacedOrder(
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

/// <summary>One line of it.</summary>
internal sealed record PlacedOrderLine(string Id, int Quantity, decimal? UnitPrice);

/// <summary>A status that it took, or what happened to its payment after its end, and the event that brought it there.</summary>
internal sealed record PlacedOrderStep(string Status, DateTimeOffset At, Guid EventId, string? Reason);
