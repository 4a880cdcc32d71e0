namespace OrderFlow.Benchmarks.Services.Durable;

/// <summary>The queues of the journey, one per event.</summary>
internal static class QueueNames
{
    public const string OrderCreated = "order.created";
    public const string PaymentRequested = "payment.requested";
    public const string PaymentProcessed = "payment.processed";
    public const string OrderProcessed = "order.processed";
}
