using OrderFlow.Contracts;

namespace OrderFlow.OrderService.Storage;

/// <summary>What a payment's outcome, or that there is none in time, means for its order.</summary>
/// <remarks><see cref="Rejection"/>: the reason when the order is rejected; <see langword="null"/> when it is completed.</remarks>
internal sealed record Settlement(Guid OrderId, Guid PaymentId, string? Rejection, string Detail, Guid EventId, DateTimeOffset At)
{
    /// <summary>Which order, and which of its payments.</summary>
    public (Guid OrderId, Guid PaymentId) Key => (OrderId, PaymentId);

    public string Status => Rejection is null ? OrderStatus.Completed : OrderStatus.Rejected;

    /// <summary>The event about the order that it rejects.</summary>
    public OrderRejected RejectionOf(string orderId, SettledOrder order) => new()
    {
        OrderId = orderId,
        UserId = order.UserId,
        Email = order.Email,
        Reason = Rejection,
        Detail = Detail,
    };

    /// <exception cref="InvalidDataException">The event is none that PaymentService publishes.</exception>
    public static Settlement Of(PaymentProcessed @event, Guid eventId, DateTimeOffset now)
    {
        var (orderId, paymentId) = Ids(EventTypes.PaymentProcessed, eventId, @event.OrderId, @event.PaymentId);
        return @event.Outcome switch
        {
            PaymentOutcome.Approved => new(orderId, paymentId, null, "", eventId, now),
            PaymentOutcome.Declined =>
                new(orderId, paymentId, RejectionReasons.PaymentDeclined, $"The payment was declined: {@event.Reason}.", eventId, now),
            _ => throw new InvalidDataException(
                $"{EventTypes.PaymentProcessed} {eventId} of order {orderId} has the outcome {(int)@event.Outcome}; " +
                "it must be approved or declined."),
        };
    }

    /// <exception cref="InvalidDataException">The event is none that OrderService publishes.</exception>
    public static Settlement Of(OrderPaymentOverdue @event, Guid eventId, DateTimeOffset now)
    {
        var (orderId, paymentId) = Ids(EventTypes.OrderPaymentOverdue, eventId, @event.OrderId, @event.PaymentId);
        return new(
            orderId, paymentId, RejectionReasons.PaymentTimeout,
            "Your payment was not confirmed in time. Should it be charged after all, you get the money back.", eventId, now);
    }

    private static (Guid OrderId, Guid PaymentId) Ids(string wireType, Guid eventId, string order, string payment) =>
        Guid.TryParse(order, out var orderId) && Guid.TryParse(payment, out var paymentId)
            ? (orderId, paymentId)
            : throw new InvalidDataException($"{wireType} {eventId} is about payment '{payment}' of order '{order}'; both must be UUIDs.");
}
