using Microsoft.Extensions.Options;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>How many orders are being read or wait for their confirm, and the limit that keeps the Gateway's memory bounded.</summary>
internal sealed class InFlightOrders(IOptions<PlaceOrderOptions> options)
{
    private readonly int _limit = options.Value.MaxInFlight;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= _limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
