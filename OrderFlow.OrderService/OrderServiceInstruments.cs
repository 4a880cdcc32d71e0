using System.Diagnostics.Metrics;
using OrderFlow.Contracts;

namespace OrderFlow.OrderService;

/// <summary>Every instrument of OrderService.</summary>
internal sealed class OrderServiceInstruments
{
    public const string MeterName = "OrderFlow.OrderService";

    private static readonly string[] Reasons =
        [RejectionReasons.UnknownProduct, RejectionReasons.OutOfStock, RejectionReasons.NoPrice, RejectionReasons.PaymentDeclined];

    private readonly Counter<long> _completed;
    private readonly Counter<long> _rejected;

    public OrderServiceInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _completed = meter.CreateCounter<long>("orders.completed", "{order}", "Orders that were completed. Counted by the handling, which is repeated when its transaction fails.");
        _rejected = meter.CreateCounter<long>("orders.rejected", "{order}", "Accepted orders that could not be fulfilled, by reason. Counted by the handling, which is repeated when its transaction fails.");
    }

    public void OrderCompleted() => _completed.Add(1);

    public void OrderRejected(string reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", Array.IndexOf(Reasons, reason) >= 0 ? reason : "other"));
}
