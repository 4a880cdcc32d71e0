using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.PaymentService.Provider;

namespace OrderFlow.PaymentService.RefundPayment;

/// <summary>
/// A refund was requested: has the provider give back what was charged, records it and publishes it. The provider is asked before the
/// transaction that records it, so it may be asked twice about one payment, and must give back once.
/// </summary>
internal sealed class RefundPaymentHandler(
    NpgsqlDataSource database, IPaymentProvider provider, TimeProvider time, ILogger<RefundPaymentHandler> logger)
    : IPreparingHandler<PaymentRefundRequested, RefundablePayment>
{
    public async Task<RefundablePayment> PrepareAsync(
        EventContext context, PaymentRefundRequested @event, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(@event.PaymentId, out var paymentId))
        {
            throw new InvalidDataException(
                $"{EventTypes.PaymentRefundRequested} {context.EventId} is about payment '{@event.PaymentId}', which is no UUID.");
        }

        var payment = await RefundWriter.FindAsync(database, paymentId, cancellationToken) ?? throw new InvalidOperationException(
            $"There is no payment {paymentId} to refund. Was the database replaced while its events were under way?");
        if (payment.IsOwed)
        {
            await provider.RefundAsync(payment.Charge, cancellationToken);
        }

        return payment;
    }

    public async Task HandleAsync(
        ITransactionalContext context, PaymentRefundRequested @event, RefundablePayment payment, CancellationToken cancellationToken)
    {
        if (!payment.IsOwed
            || !await RefundWriter.RecordAsync(context.Connection, payment.Charge.PaymentId, time.GetUtcNow(), cancellationToken))
        {
            Log.NothingToRefund(logger, @event.PaymentId, @event.OrderId);
            return;
        }

        context.Publish(new PaymentRefunded
        {
            PaymentId = @event.PaymentId,
            OrderId = payment.Charge.OrderId.ToString(),
            UserId = payment.Charge.UserId,
            Amount = payment.Charge.Amount.ToMoney(payment.Charge.Currency),
        });
        context.Count(PaymentInstruments.Refunded);
        Log.PaymentRefunded(logger, @event.PaymentId, @event.OrderId);
    }
}
