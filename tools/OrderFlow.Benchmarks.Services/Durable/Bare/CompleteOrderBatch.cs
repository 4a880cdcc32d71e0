namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Completes orders whose payments are approved.</summary>
internal sealed class CompleteOrderBatch() : BatchHandler<PaymentProcessed>(
    DatabaseNames.Orders, 2, QueueNames.PaymentProcessed, QueueNames.OrderProcessed, DurableJson.Default.PaymentProcessed)
{
    public override string Sql => Claim + """
        e AS (SELECT u.* FROM unnest($3, $4, $5, $6) AS u (event_id, order_id, next_id, body) JOIN claimed USING (event_id)),
        o AS (UPDATE orders SET status = 'completed', changed_at = now() FROM e WHERE id = e.order_id AND status = 'awaiting_payment'),
        x AS (INSERT INTO outbox (id, queue, event_ids, bodies)
              SELECT $7, $8, array_agg(next_id), array_agg(body) FROM e HAVING count(*) > 0)
        SELECT event_id FROM claimed
        """;

    public override Guid IdOf(PaymentProcessed @event) => @event.EventId;

    public override CausedEvents AddParameters(IReadOnlyList<PaymentProcessed> batch, StatementParameters parameters)
    {
        parameters.Add(batch, payment => payment.OrderId);
        return CausedEvents.Of(batch, DurableJson.Default.OrderProcessed, (payment, _, id) => new OrderProcessed(
            id, payment.OrderId, payment.UserId, payment.Amount, Completed: true, payment.Arrived));
    }
}
