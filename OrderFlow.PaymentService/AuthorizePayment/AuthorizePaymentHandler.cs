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
    : IPreparingBatchHandler<PaymentRequested, (Charge Charge, ChargeAnswer? Answer)>
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
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<PaymentRequested, (Charge Charge, ChargeAnswer? Answer)>> events,
        CancellationToken cancellationToken)
    {
        List<(Charge Charge, ChargeAnswer Answer)> answered =
            [.. from one in events where one.Prepared.Answer is not null select (one.Prepared.Charge, one.Prepared.Answer)];
        // The first recorded answer counts, should another request for the same payment have been answered in between.
        var recorded = await PaymentWriter.RecordAsync(transaction, answered, provider.Name, time.GetUtcNow(), cancellationToken);
        foreach (var one in events)
        {
            using var surroundings = one.Enter();
            if (one.Prepared.Answer is null)
            {
                // Nobody waits for the answer here: the order has a deadline.
                one.Context.Count(PaymentInstruments.Unanswered);
                Log.PaymentUnanswered(logger, one.Body.PaymentId, one.Body.OrderId);
            }
            else
            {
                Publish(one.Context, one.Body, recorded[one.Prepared.Charge.PaymentId]);
            }
        }
    }

    private void Publish(IHandledEvent context, PaymentRequested @event, RecordedAnswer recorded)
    {
        context.Publish(new PaymentProcessed
        {
            PaymentId = @event.PaymentId,
            OrderId = @event.OrderId,
            UserId = @event.UserId,
            Amount = @event.Amount,
            Outcome = recorded.Answer.IsApproved ? PaymentOutcome.Approved : PaymentOutcome.Declined,
            Reason = recorded.Answer.DeclineReason ?? "",
        });
        if (recorded.IsNew)
        {
            context.Count(
                PaymentInstruments.Processed,
                1,
                recorded.Answer.IsApproved ? PaymentInstruments.Approved : PaymentInstruments.Declined);
        }

        Log.PaymentProcessed(logger, @event.PaymentId, @event.OrderId, recorded.Answer.DeclineReason ?? "approved");
    }

    private static Charge ChargeOf(PaymentRequested @event, Guid eventId) =>
        Guid.TryParse(@event.PaymentId, out var paymentId) && Guid.TryParse(@event.OrderId, out var orderId) && @event.Amount is { } amount
            ? new Charge(paymentId, orderId, @event.UserId, amount.ToDecimal(), amount.CurrencyCode)
            : throw new InvalidDataException(
                $"{EventTypes.PaymentRequested} {eventId} is about payment '{@event.PaymentId}' of order '{@event.OrderId}'; " +
                "both must be UUIDs, and it must have an amount.");
}
