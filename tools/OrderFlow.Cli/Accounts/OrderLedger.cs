using System.Runtime.InteropServices;

namespace OrderFlow.Cli.Accounts;

/// <summary>
/// Knows every order of the run by its number: what the Gateway answered, and whether its notification arrived. 48 bytes per order,
/// allocated as the run goes on.
/// </summary>
internal sealed class OrderLedger(TimeProvider time)
{
    private const int ChunkBits = 14;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly Lock _gate = new();
    private readonly List<Entry[]> _chunks = [];
    private long _accepted;
    private long _outstanding;
    private long _arrived;
    private long _repeated;
    private long _clockSkewed;
    private long _firstTold = long.MaxValue;
    private long _lastTold;
    private long _lastChange = time.GetTimestamp();

    /// <summary>From the click to the notification, as NotificationService measured it.</summary>
    public LatencyHistogram EndToEnd { get; } = new();

    public void Answered(long number, OrderFate fate, Guid orderId = default)
    {
        lock (_gate)
        {
            ref var entry = ref At(number);
            entry.Fate = fate;
            entry.AcceptedAs = orderId;
            if (fate == OrderFate.Accepted)
            {
                _accepted++;
                _outstanding += entry.HasArrived ? 0 : 1;
                _lastChange = time.GetTimestamp();
            }
        }
    }

    /// <summary>A notification was sent for an order of this run.</summary>
    /// <param name="number">The order's number in the run.</param>
    /// <param name="notification">What NotificationService said.</param>
    public void Told(long number, Notification notification)
    {
        lock (_gate)
        {
            ref var entry = ref At(number);
            _lastChange = time.GetTimestamp();
            if (entry.ToldBy != default)
            {
                // The same event once more is the broker's redelivery; another event is another notification.
                _repeated += entry.ToldBy == notification.EventId ? 0 : 1;
                return;
            }

            entry.ToldBy = notification.EventId;
            entry.ToldAs = notification.OrderId;
            _arrived++;
            _outstanding -= entry is { Fate: OrderFate.Accepted, HasArrived: true } ? 1 : 0;
            _firstTold = Math.Min(_firstTold, notification.ToldAtMicros);
            _lastTold = Math.Max(_lastTold, notification.ToldAtMicros);
            if (notification.EndToEndMicros < 0)
            {
                _clockSkewed++;
            }
            else
            {
                EndToEnd.Record(notification.EndToEndMicros);
            }
        }
    }

    /// <summary>The counts at this moment.</summary>
    public LedgerCounts Count()
    {
        lock (_gate)
        {
            return new()
            {
                Accepted = _accepted,
                Outstanding = _outstanding,
                Arrived = _arrived,
                Repeated = _repeated,
                ClockSkewed = _clockSkewed,
                ToldFor = _arrived == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(_lastTold - _firstTold),
                QuietFor = time.GetElapsedTime(_lastChange),
            };
        }
    }

    /// <summary>Compares what was accepted with what arrived, order by order.</summary>
    public Reconciliation Reconcile(int show = 10)
    {
        lock (_gate)
        {
            var (lost, uninvited) = (0L, 0L);
            var ids = new List<Guid>();
            foreach (var entry in _chunks.SelectMany(chunk => chunk))
            {
                if (entry is { Fate: OrderFate.Accepted, HasArrived: false })
                {
                    lost++;
                    if (ids.Count < show)
                    {
                        ids.Add(entry.AcceptedAs);
                    }
                }

                uninvited += entry.Fate != OrderFate.Accepted && entry.ToldBy != default ? 1 : 0;
            }

            return new(lost, ids, uninvited);
        }
    }

    private ref Entry At(long number)
    {
        while (_chunks.Count <= number >> ChunkBits)
        {
            _chunks.Add(new Entry[ChunkSize]);
        }

        return ref _chunks[(int)(number >> ChunkBits)][number & (ChunkSize - 1)];
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public Guid AcceptedAs;
        public Guid ToldAs;
        public Guid ToldBy;
        public OrderFate Fate;

        /// <summary>A notification of another order under this one's correlation id would not count.</summary>
        public readonly bool HasArrived => ToldBy != default && (Fate != OrderFate.Accepted || ToldAs == AcceptedAs);
    }
}
