using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Records notifications, and how long their orders took until that was committed.</summary>
internal sealed class NotifyCustomerBatch(LatencyRecorder latencies) : BatchHandler<OrderProcessed>(
    DatabaseNames.Notifications, 4, QueueNames.OrderProcessed, nextQueue: null, DurableJson.Default.OrderProcessed)
{
    public override string Sql => Claim + """
        e AS (SELECT u.* FROM unnest($3, $4, $5) AS u (event_id, order_id, user_id) JOIN claimed USING (event_id)),
        n AS (INSERT INTO notifications (event_id, order_id, user_id, subject) SELECT event_id, order_id, user_id, 'completed' FROM e)
        SELECT event_id FROM claimed
        """;

    public override Guid IdOf(OrderProcessed @event) => @event.EventId;

    public override CausedEvents? AddParameters(IReadOnlyList<OrderProcessed> batch, StatementParameters parameters)
    {
        parameters.Add(batch, order => order.OrderId);
        parameters.Add(batch, order => order.UserId);
        return null;
    }

    public override void OnCommitted(OrderProcessed @event) => latencies.Add(@event.Arrived);
}
