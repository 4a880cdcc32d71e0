using System.Diagnostics.Metrics;

namespace OrderFlow.OrderService;

/// <summary>Every instrument of OrderService.</summary>
internal sealed class OrderServiceInstruments(IMeterFactory meters)
{
    public const string MeterName = "OrderFlow.OrderService";

    private readonly Counter<long> _completed =
        meters.Create(MeterName).CreateCounter<long>("orders.completed", "{order}", "Orders that were completed, and whose completion the broker has confirmed.");

    public void OrderCompleted() => _completed.Add(1);
}
