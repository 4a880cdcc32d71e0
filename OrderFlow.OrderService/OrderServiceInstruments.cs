using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Counters;

namespace OrderFlow.OrderService;

/// <summary>Every instrument of OrderService. What an order comes to is counted in the transaction in which it does.</summary>
internal static class OrderServiceInstruments
{
    public const string MeterName = "OrderFlow.OrderService";

    public static readonly DurableCounter Completed = new(MeterName, "orders.completed", "{order}", "Orders that were completed.");

    public static readonly DurableCounter Rejected = new(
        MeterName,
        "orders.rejected",
        "{order}",
        "Accepted orders that could not be fulfilled, by reason.",
        ["reason"],
        [RejectionReasons.UnknownProduct],
        [RejectionReasons.OutOfStock],
        [RejectionReasons.NoPrice],
        [RejectionReasons.PaymentDeclined],
        [RejectionReasons.PaymentTimeout]);

    public static readonly DurableCounter RefundsRequested = new(
        MeterName, "orders.refunds.requested", "{order}",
        "Orders whose payment was approved after they had been rejected, so that its refund was requested.");
}
