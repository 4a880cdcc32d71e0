using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;

namespace OrderFlow.OrderService;

/// <summary>Says that an order is rejected, for whatever reason.</summary>
internal static class OrderRejection
{
    public static void Reject(this IHandledEvent context, OrderRejected rejected, ILogger logger)
    {
        context.Publish(rejected);
        context.Count(OrderServiceInstruments.Rejected, 1, rejected.Reason);
        Log.OrderRejected(logger, rejected.OrderId, rejected.Reason);
    }
}
