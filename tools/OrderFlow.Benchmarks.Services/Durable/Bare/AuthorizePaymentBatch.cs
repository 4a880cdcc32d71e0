namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Stores payments, all of which are approved.</summary>
internal sealed class AuthorizePaymentBatch() : BatchHandler<PaymentRequested>(
    DatabaseNames.Payments, 3, QueueNames.PaymentRequested, QueueNames.PaymentProcessed, DurableJson.Default.PaymentRequested)
{
    public override string Sql => Claim + """
        e AS (SELECT u.* FROM unnest($3, $4, $5, $6, $7, $8, $9) AS u (event_id, payment_id, order_id, user_id, amount, next_id, body)
              JOIN claimed USING (event_id)),
        p AS (INSERT INTO payments (id, order_id, user_id, amount, approved) SELECT payment_id, order_id, user_id, amount, true FROM e),
        x AS (INSERT INTO outbox (id, queue, event_ids, bodies)
              SELECT $10, $11, array_agg(next_id), array_agg(body) FROM e HAVING count(*) > 0)
        SELECT event_id FROM claimed
        """;

    public override Guid IdOf(PaymentRequested @event) => @event.EventId;

    public override CausedEvents AddParameters(IReadOnlyList<PaymentRequested> batch, StatementParameters parameters)
    {
        parameters.Add(batch, payment => payment.PaymentId);
        parameters.Add(batch, payment => payment.OrderId);
        parameters.Add(batch, payment => payment.UserId);
        parameters.Add(batch, payment => payment.Amount);
        return CausedEvents.Of(batch, DurableJson.Default.PaymentProcessed, (payment, _, id) => new PaymentProcessed(
            id, payment.PaymentId, payment.OrderId, payment.UserId, payment.Amount, Approved: true, payment.Arrived));
    }
}
