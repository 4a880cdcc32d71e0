using System.Collections.Concurrent;

namespace OrderFlow.Cli.Ledgers;

/// <summary>
/// What customers know of their orders, by the tool's own clock: when each was sent, how it was answered, and when its notification
/// arrived.
/// </summary>
internal sealed class CustomerLedger(Func<long, OrderContent> contentOf, OrderNumbers numbers, TimeProvider time)
{
    private readonly ConcurrentDictionary<long, Entry> _orders = new();
    private readonly ConcurrentDictionary<Guid, WebhookCall> _calls = new();
    private readonly ConcurrentDictionary<Guid, long> _notifiedAt = new();
    private readonly OutageClock _outage = new(time);
    private long _accepted;
    private long _refused;
    private long _unknown;

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Orders without a final answer: they exist or not.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    /// <summary>Orders whose customer was notified.</summary>
    public int NotifiedOrders => _notifiedAt.Count;

    /// <summary>The longest time in which no order was accepted.</summary>
    public TimeSpan LongestOutage => _outage.Longest;

    public IReadOnlyCollection<WebhookCall> Calls => [.. _calls.Values];

    /// <summary>Load begins, or goes on after it was held back: from now on, no answer is an outage.</summary>
    public void Begin() => _outage.Begin();

    /// <summary>Load ends, or is held back.</summary>
    public void End() => _outage.End();

    public void Sent(long number, long dueAt) => _orders[number] = new Entry(dueAt, OrderAnswer.Open, default, 0);

    public void Answered(long number, OrderAnswer answer, Guid orderId = default)
    {
        var now = time.GetTimestamp();
        _orders[number] = _orders[number] with { Answer = answer, OrderId = orderId, AnsweredAt = now };
        switch (answer)
        {
            case OrderAnswer.Accepted:
                Interlocked.Increment(ref _accepted);
                _outage.Accepted();
                break;
            case OrderAnswer.Refused:
                Interlocked.Increment(ref _refused);
                break;
            default:
                Interlocked.Increment(ref _unknown);
                break;
        }
    }

    /// <summary>A notification arrived.</summary>
    public void Notified(Guid notificationId, string orderId, string kind)
    {
        _calls.AddOrUpdate(
            notificationId, _ => new WebhookCall(notificationId, orderId, kind, 1), (_, call) => call with { Times = call.Times + 1 });
        if (Guid.TryParse(orderId, out var order))
        {
            _notifiedAt.TryAdd(order, time.GetTimestamp());
        }
    }

    /// <summary>Accepted orders whose customer was not notified yet.</summary>
    public int CountInFlight() =>
        _orders.Values.Count(entry => entry.Answer == OrderAnswer.Accepted && !_notifiedAt.ContainsKey(entry.OrderId));

    /// <summary>Every order that was sent.</summary>
    public IReadOnlyList<KnownOrder> Orders() =>
        [
            .. _orders.Select(
                order => new KnownOrder(numbers.CorrelationId(order.Key), order.Value.Answer, order.Value.OrderId, contentOf(order.Key))),
        ];

    /// <summary>Latencies of the orders that were due in the span of time, counted from when each was due.</summary>
    /// <param name="from">A time stamp.</param>
    /// <param name="to">A time stamp, itself not in the span.</param>
    public (LatencyHistogram Accept, LatencyHistogram EndToEnd) Latencies(long from = long.MinValue, long to = long.MaxValue)
    {
        var (accept, endToEnd) = (new LatencyHistogram(), new LatencyHistogram());
        foreach (var entry in AcceptedOf(from, to))
        {
            accept.Record((long)time.GetElapsedTime(entry.DueAt, entry.AnsweredAt).TotalMicroseconds);
            if (_notifiedAt.TryGetValue(entry.OrderId, out var notifiedAt))
            {
                endToEnd.Record((long)time.GetElapsedTime(entry.DueAt, notifiedAt).TotalMicroseconds);
            }
        }

        return (accept, endToEnd);
    }

    /// <summary>Accepted orders that were due in the span of time.</summary>
    public IEnumerable<Guid> AcceptedIn(long from, long to) => AcceptedOf(from, to).Select(entry => entry.OrderId);

    private IEnumerable<Entry> AcceptedOf(long from, long to) =>
        _orders.Values.Where(entry => entry.Answer == OrderAnswer.Accepted && entry.DueAt >= from && entry.DueAt < to);

    private sealed record Entry(long DueAt, OrderAnswer Answer, Guid OrderId, long AnsweredAt);
}
