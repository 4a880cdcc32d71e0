using OrderFlow.Contracts;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.CompleteOrder;

/// <summary>What a payment's outcome means for its order.</summary>
/// <remarks><see cref="Rejection"/>: the reason when the order is rejected; <see langword="null"/> when it is completed.</remarks>
internal sealed record Settlement(Guid OrderId, Guid PaymentId, string? Rejection, string Detail, Guid EventId, DateTimeOffset At)
{
    public string Status => Rejection is null ? OrderStatus.Completed : OrderStatus.Rejected;

    /// <exception cref="InvalidDataException">The event is none that PaymentService publishes.</exception>
    public static Settlement Of(PaymentProcessed @event, Guid eventId, DateTimeOffset now)
    {
        if (!Guid.TryParse(@event.OrderId, out var orderId) || !Guid.TryParse(@event.PaymentId, out var paymentId))
        {
            throw new InvalidDataException($"payment.processed {eventId} is about payment '{@event.PaymentId}' of order '{@event.OrderId}'; both must be UUIDs.");
        }

        return @event.Outcome switch
        {
            PaymentOutcome.Approved => new(orderId, paymentId, null, "", eventId, now),
            PaymentOutcome.Declined => new(orderId, paymentId, RejectionReasons.PaymentDeclined, $"The payment was declined: {@event.Reason}.", eventId, now),
            _ => throw new InvalidDataException($"payment.processed {eventId} of order {orderId} has the outcome {(int)@event.Outcome}; it must be approved or declined."),
        };
    }
}
