using System.Runtime.InteropServices;

namespace OrderFlow.Cli.Ledgers;

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
    private long _inFlight;
    private long _arrived;
    private long _repeated;
    private long _clockSkewed;
    private long _firstNotified = long.MaxValue;
    private long _lastNotified;
    private long _lastChange = time.GetTimestamp();

    /// <summary>From the click to the notification, as NotificationService measured it.</summary>
    public LatencyHistogram EndToEnd { get; } = new();

    public void Answered(long number, OrderAnswer answer, Guid orderId = default)
    {
        lock (_gate)
        {
            ref var entry = ref At(number);
            entry.Answer = answer;
            entry.AcceptedAs = orderId;
            if (answer == OrderAnswer.Accepted)
            {
                _accepted++;
                _inFlight += entry.HasArrived ? 0 : 1;
                _lastChange = time.GetTimestamp();
            }
        }
    }

    /// <summary>A notification was sent for an order of this run.</summary>
    /// <param name="number">The order's number in the run.</param>
    /// <param name="notification">What NotificationService said.</param>
    public void Notified(long number, Notification notification)
    {
        lock (_gate)
        {
            ref var entry = ref At(number);
            _lastChange = time.GetTimestamp();
            if (entry.NotifiedBy != default)
            {
                // The same event once more is the broker's redelivery; another event is another notification.
                _repeated += entry.NotifiedBy == notification.EventId ? 0 : 1;
                return;
            }

            entry.NotifiedBy = notification.EventId;
            entry.NotifiedAs = notification.OrderId;
            _arrived++;
            _inFlight -= entry is { Answer: OrderAnswer.Accepted, HasArrived: true } ? 1 : 0;
            _firstNotified = Math.Min(_firstNotified, notification.SentAtMicros);
            _lastNotified = Math.Max(_lastNotified, notification.SentAtMicros);
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
                InFlight = _inFlight,
                Arrived = _arrived,
                Repeated = _repeated,
                ClockSkewed = _clockSkewed,
                NotifiedFor = _arrived == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(_lastNotified - _firstNotified),
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
                if (entry is { Answer: OrderAnswer.Accepted, HasArrived: false })
                {
                    lost++;
                    if (ids.Count < show)
                    {
                        ids.Add(entry.AcceptedAs);
                    }
                }

                uninvited += entry.Answer != OrderAnswer.Accepted && entry.NotifiedBy != default ? 1 : 0;
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
        public Guid NotifiedAs;
        public Guid NotifiedBy;
        public OrderAnswer Answer;

        /// <summary>A notification of another order under this one's correlation id would not count.</summary>
        public readonly bool HasArrived => NotifiedBy != default && (Answer != OrderAnswer.Accepted || NotifiedAs == AcceptedAs);
    }
}
