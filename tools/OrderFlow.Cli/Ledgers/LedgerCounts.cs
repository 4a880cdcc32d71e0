using System.Runtime.InteropServices;

namespace OrderFlow.Cli.Ledgers;

/// <summary>The ledger in numbers.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LedgerCounts
{
    /// <summary>Orders answered with 202.</summary>
    public long Accepted { get; init; }

    /// <summary>Accepted orders whose notification has not arrived.</summary>
    public long InFlight { get; init; }

    /// <summary>Orders whose notification has arrived.</summary>
    public long Arrived { get; init; }

    /// <summary>Notifications beyond the first of an order.</summary>
    public long Repeated { get; init; }

    /// <summary>Orders that ended before they began, by the clocks of the services.</summary>
    public long ClockSkewed { get; init; }

    /// <summary>From the first to the last notification, by NotificationService's clock.</summary>
    public TimeSpan NotifiedFor { get; init; }

    /// <summary>Since an order was accepted or a notification arrived.</summary>
    public TimeSpan QuietFor { get; init; }
}
