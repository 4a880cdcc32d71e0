using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;

namespace OrderFlow.OrderService.Storage;

/// <summary>
/// What every change of stock takes first and keeps until its transaction ends. A transaction with one order locks its products in one
/// order, so it needs no more than that nobody else does otherwise: it shares the lock. One with several orders cannot, and two of
/// them would wait for each other, a second until the server sees it: it has the lock alone. One queue costs such transactions little,
/// since each brings many orders.
/// </summary>
internal sealed class StockLock(IOptions<MessagingOptions> messaging)
{
    public string Take { get; } = messaging.Value.BatchSize == 1
        ? "SELECT pg_advisory_xact_lock_shared(7369, 1)"
        : "SELECT pg_advisory_xact_lock(7369, 1)";
}
