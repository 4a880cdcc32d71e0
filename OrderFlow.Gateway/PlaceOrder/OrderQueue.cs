namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>The queue in which orders wait for OrderService, as far as the Gateway knows it.</summary>
internal sealed class OrderQueue
{
    private long _count;
    private volatile bool _isFull;

    /// <summary>Whether a new order would wait there for longer than it may: then it is turned away.</summary>
    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    /// <summary>Orders that this process has put in.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>An order was put in.</summary>
    public void Put() => Interlocked.Increment(ref _count);
}
