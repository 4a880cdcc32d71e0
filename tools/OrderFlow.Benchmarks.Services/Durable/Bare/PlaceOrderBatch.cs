namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Stores orders, takes their stock and asks for their payments.</summary>
internal sealed class PlaceOrderBatch() : BatchHandler<OrderCreated>(
    DatabaseNames.Orders, 1, QueueNames.OrderCreated, QueueNames.PaymentRequested, DurableJson.Default.OrderCreated)
{
    private const decimal UnitPrice = 9.99m;

    // A product is updated once in a batch. The order of locks does not matter: nobody else changes products.
    public override string Sql => Claim + """
        e AS (SELECT u.* FROM unnest($3, $4, $5, $6, $7, $8, $9, $10)
                AS u (event_id, order_id, user_id, item_id, quantity, payment_id, next_id, body) JOIN claimed USING (event_id)),
        o AS (INSERT INTO orders (id, user_id, total, status, payment_id)
              SELECT order_id, user_id, 9.99 * quantity, 'awaiting_payment', payment_id FROM e),
        l AS (INSERT INTO order_lines (order_id, line, item_id, quantity, unit_price) SELECT order_id, 1, item_id, quantity, 9.99 FROM e),
        s AS (UPDATE products SET stock = stock - w.quantity
              FROM (SELECT item_id, sum(quantity)::bigint AS quantity FROM e GROUP BY item_id) w WHERE id = w.item_id),
        x AS (INSERT INTO outbox (id, queue, event_ids, bodies)
              SELECT $11, $12, array_agg(next_id), array_agg(body) FROM e HAVING count(*) > 0)
        SELECT event_id FROM claimed
        """;

    public override Guid IdOf(OrderCreated @event) => @event.EventId;

    public override CausedEvents AddParameters(IReadOnlyList<OrderCreated> batch, StatementParameters parameters)
    {
        Guid[] payments = [.. batch.Select(_ => Guid.CreateVersion7())];
        parameters.Add(batch, order => order.OrderId);
        parameters.Add(batch, order => order.UserId);
        parameters.Add(batch, order => order.ItemId);
        parameters.Add(batch, order => order.Quantity);
        parameters.Add(payments);
        return CausedEvents.Of(batch, DurableJson.Default.PaymentRequested, (order, position, id) => new PaymentRequested(
            id, payments[position], order.OrderId, order.UserId, UnitPrice * order.Quantity, order.Arrived));
    }
}
