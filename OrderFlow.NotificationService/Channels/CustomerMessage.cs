using OrderFlow.Contracts;

namespace OrderFlow.NotificationService.Channels;

/// <summary>The notification of a customer: how their order ended.</summary>
/// <remarks>The id is the event's, the same at every attempt: a receiver recognises repetitions by it.</remarks>
internal sealed record CustomerMessage(Guid Id, string OrderId, string UserId, string Email, string Kind, string Subject, string Text)
{
    public const string Completed = EventTypes.OrderProcessed;
    public const string Rejected = EventTypes.OrderRejected;

    /// <exception cref="InvalidDataException">The event is none that OrderService publishes.</exception>
    public static CustomerMessage Of(Guid id, OrderProcessed order) => new(
        id, Known(id, order.OrderId, order.UserId), order.UserId, order.Email, Completed, $"Your order {order.OrderId} is complete",
        order.Total is { } total ? $"Your order {order.OrderId} is complete. You paid {total.ToDecimal():0.00##} {total.CurrencyCode}."
            : $"Your order {order.OrderId} is complete.");

    /// <exception cref="InvalidDataException">The event is none that OrderService publishes.</exception>
    public static CustomerMessage Of(Guid id, OrderRejected order) => new(
        id, Known(id, order.OrderId, order.UserId), order.UserId, order.Email, Rejected,
        $"Your order {order.OrderId} could not be fulfilled",
        // A payment that timed out may be charged yet, and refunded then.
        $"Your order {order.OrderId} could not be fulfilled"
        + $"{(order.Reason == RejectionReasons.PaymentTimeout ? "" : ", and nothing is charged")}. {order.Detail}");

    /// <summary>An empty body is a valid event of every type; nobody is notified of an order that it does not name.</summary>
    private static string Known(Guid eventId, string orderId, string userId) => orderId.Length > 0 && userId.Length > 0
        ? orderId
        : throw new InvalidDataException($"Event {eventId} tells the end of order '{orderId}' of user '{userId}'; it must name both.");
}
