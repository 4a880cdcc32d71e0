using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrderFlow.Gateway;

/// <summary>Every instrument of the Gateway.</summary>
internal sealed class GatewayInstruments
{
    public const string MeterName = "OrderFlow.Gateway";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<double> _value;

    public GatewayInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted =
            meter.CreateCounter<long>("orders.accepted", "{order}", "Orders that the broker has confirmed and the client was told of.");
        _rejected = meter.CreateCounter<long>("orders.rejected", "{order}", "Orders that were turned away, by reason.");
        _value =
            meter.CreateCounter<double>("order.value", "{currency_unit}", "Value of the accepted orders that carry prices, by currency.");
    }

    public void OrderAccepted() => _accepted.Add(1);

    /// <summary>Counts an order that was turned away.</summary>
    /// <param name="reason">One of <see cref="Problems.RefusalReason"/>.</param>
    public void OrderRejected(string reason) => _rejected.Add(1, new TagList { { "reason", reason } });

    /// <summary>Adds up what was ordered.</summary>
    /// <param name="currency">A code of <see cref="PlaceOrder.Currencies"/>, so that the label stays bounded.</param>
    /// <param name="value">In units of the currency.</param>
    public void OrderValued(string currency, double value) => _value.Add(value, new TagList { { "currency", currency } });
}
