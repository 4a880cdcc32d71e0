using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>An order as it arrives.</summary>
/// <remarks><see cref="Currency"/>: of the prices that the customer named; <see langword="null"/> when they named none.</remarks>
internal sealed record NewOrder(
    Guid Id, string UserId, string Email, string? Currency, IReadOnlyList<NewOrderLine> Lines, Guid PaymentId, string CorrelationId,
    DateTimeOffset At)
{
    /// <summary>What was ordered, by which a repeated idempotency key is judged; <see langword="null"/> without a key.</summary>
    public byte[]? Fingerprint { get; init; }

    /// <exception cref="InvalidDataException">The event is none that the Gateway publishes.</exception>
    public static NewOrder From(OrderCreated @event, EventContext context, DateTimeOffset now)
    {
        if (!Guid.TryParse(@event.OrderId, out var id))
        {
            throw new InvalidDataException(
                $"{EventTypes.OrderCreated} {context.EventId} has the order id '{@event.OrderId}', which is no UUID.");
        }

        if (@event.Lines.Count == 0 || @event.Lines.FirstOrDefault(line => line.Quantity < 1) is not null)
        {
            throw new InvalidDataException(
                $"{EventTypes.OrderCreated} {context.EventId} has no lines, or one without a quantity: nothing can be reserved for it.");
        }

        return new NewOrder(
            id,
            @event.UserId,
            @event.Email,
            @event.Total?.CurrencyCode,
            [.. @event.Lines.Select(line => new NewOrderLine(line.ItemId, line.Quantity, line.UnitPrice?.ToDecimal()))],
            Guid.CreateVersion7(now),
            context.CorrelationId,
            now)
        {
            Fingerprint = @event.RequestFingerprint.IsEmpty ? null : @event.RequestFingerprint.ToByteArray(),
        };
    }
}

/// <summary>One line of it.</summary>
/// <remarks><see cref="NamedPrice"/>: what the customer was quoted; <see langword="null"/> for the catalogue's price.</remarks>
internal sealed record NewOrderLine(string ItemId, int Quantity, decimal? NamedPrice);
