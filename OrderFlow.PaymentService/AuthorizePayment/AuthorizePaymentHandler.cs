using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.PaymentService.Provider;

namespace OrderFlow.PaymentService.AuthorizePayment;

/// <summary>
/// A payment was requested: has it charged, records the answer and publishes it. The provider is asked before the transaction that records
/// its answer, so it may be asked twice about one payment, and must take it once. Where it does not answer there is nothing to record.
/// </summary>
internal sealed class AuthorizePaymentHandler(
    IPaymentProvider provider, PaymentInstruments instruments, TimeProvider time, ILogger<AuthorizePaymentHandler> logger)
    : IPreparingHandler<PaymentRequested, (Charge Charge, ChargeAnswer? Answer)>
{
    public async Task<(Charge Charge, ChargeAnswer? Answer)> PrepareAsync(
        EventContext context, PaymentRequested @event, CancellationToken cancellationToken)
    {
        var charge = ChargeOf(@event, context.EventId);
        var began = time.GetTimestamp();
        var answer = await provider.ChargeAsync(charge, cancellationToken);
        instruments.Asked(provider.Name, time.GetElapsedTime(began));
        return (charge, answer);
    }

    public async Task HandleAsync(
        ITransactionalContext context, PaymentRequested @event, (Charge Charge, ChargeAnswer? Answer) prepared,
        CancellationToken cancellationToken)
    {
        if (prepared is not { Charge: var charge, Answer: { } answer })
        {
            // Nobody waits for the answer here: the order has a deadline.
            context.Count(PaymentInstruments.Unanswered);
            Log.PaymentUnanswered(logger, @event.PaymentId, @event.OrderId);
            return;
        }

        // The first recorded answer counts, should another request for the same payment have been answered in between.
        var (recorded, isNew) =
            await PaymentWriter.RecordAsync(context.Connection, charge, answer, provider.Name, time.GetUtcNow(), cancellationToken);
        context.Publish(new PaymentProcessed
        {
            PaymentId = @event.PaymentId,
            OrderId = @event.OrderId,
            UserId = @event.UserId,
            Amount = @event.Amount,
            Outcome = recorded.IsApproved ? PaymentOutcome.Approved : PaymentOutcome.Declined,
            Reason = recorded.DeclineReason ?? "",
        });
        if (isNew)
        {
            context.Count(
                PaymentInstruments.Processed, 1, recorded.IsApproved ? PaymentInstruments.Approved : PaymentInstruments.Declined);
        }

        Log.PaymentProcessed(logger, @event.PaymentId, @event.OrderId, recorded.DeclineReason ?? "approved");
    }

    private static Charge ChargeOf(PaymentRequested @event, Guid eventId) =>
        Guid.TryParse(@event.PaymentId, out var paymentId) && Guid.TryParse(@event.OrderId, out var orderId) && @event.Amount is { } amount
            ? new Charge(paymentId, orderId, @event.UserId, amount.ToDecimal(), amount.CurrencyCode)
            : throw new InvalidDataException(
                $"{EventTypes.PaymentRequested} {eventId} is about payment '{@event.PaymentId}' of order '{@event.OrderId}'; both must be UUIDs, and it must have an amount.");
}
