using System.Collections.Concurrent;
using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.Chaos;

namespace OrderFlow.Cli.Verification;

/// <summary>What the customers know, by the tool's own clock: what they sent, what they were answered, and what they were told in the end.</summary>
internal sealed class Ledger(PlannedOrders plan, OrderNumbers numbers, TimeProvider time)
{
    private readonly ConcurrentDictionary<long, Entry> _orders = new();
    private readonly ConcurrentDictionary<Guid, WebhookCall> _heard = new();
    private readonly ConcurrentDictionary<Guid, long> _heardAt = new();
    private readonly OutageClock _outage = new(time);
    private long _accepted;
    private long _refused;
    private long _unknown;

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Orders without a final answer: they exist or not.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    /// <summary>Orders whose customer was told.</summary>
    public int Told => _heardAt.Count;

    /// <summary>The longest time in which no order was accepted.</summary>
    public TimeSpan LongestOutage => _outage.Longest;

    public IReadOnlyCollection<WebhookCall> Calls => [.. _heard.Values];

    /// <summary>Load begins, or goes on after it was held back: from now on, no answer is an outage.</summary>
    public void Begin() => _outage.Begin();

    /// <summary>Load ends, or is held back.</summary>
    public void End() => _outage.End();

    public void Sent(long number, long dueAt) => _orders[number] = new Entry(dueAt, OrderFate.Open, default, 0);

    public void Answered(long number, OrderFate fate, Guid orderId = default)
    {
        var now = time.GetTimestamp();
        _orders[number] = _orders[number] with { Fate = fate, OrderId = orderId, AnsweredAt = now };
        switch (fate)
        {
            case OrderFate.Accepted:
                Interlocked.Increment(ref _accepted);
                _outage.Accepted();
                break;
            case OrderFate.Refused:
                Interlocked.Increment(ref _refused);
                break;
            default:
                Interlocked.Increment(ref _unknown);
                break;
        }
    }

    /// <summary>A customer was told.</summary>
    public void Heard(Guid notificationId, string orderId, string kind)
    {
        _heard.AddOrUpdate(notificationId, _ => new WebhookCall(notificationId, orderId, kind, 1), (_, call) => call with { Times = call.Times + 1 });
        if (Guid.TryParse(orderId, out var order))
        {
            _heardAt.TryAdd(order, time.GetTimestamp());
        }
    }

    /// <summary>Accepted orders whose customer was not told yet.</summary>
    public int CountOpen() => _orders.Values.Count(entry => entry.Fate == OrderFate.Accepted && !_heardAt.ContainsKey(entry.OrderId));

    /// <summary>Every order that was sent.</summary>
    public IReadOnlyList<KnownOrder> Orders() =>
        [.. _orders.Select(order => new KnownOrder(numbers.CorrelationId(order.Key), order.Value.Fate, order.Value.OrderId, plan.Of(order.Key).Content))];

    /// <summary>Latencies of the orders that were due in the span of time, counted from when each was due.</summary>
    /// <param name="from">A time stamp.</param>
    /// <param name="to">A time stamp, itself not in the span.</param>
    public (LatencyHistogram Accept, LatencyHistogram EndToEnd) Latencies(long from = long.MinValue, long to = long.MaxValue)
    {
        var (accept, endToEnd) = (new LatencyHistogram(), new LatencyHistogram());
        foreach (var entry in AcceptedOf(from, to))
        {
            accept.Record((long)time.GetElapsedTime(entry.DueAt, entry.AnsweredAt).TotalMicroseconds);
            if (_heardAt.TryGetValue(entry.OrderId, out var heardAt))
            {
                endToEnd.Record((long)time.GetElapsedTime(entry.DueAt, heardAt).TotalMicroseconds);
            }
        }

        return (accept, endToEnd);
    }

    /// <summary>Accepted orders that were due in the span of time.</summary>
    public IEnumerable<Guid> AcceptedIn(long from, long to) => AcceptedOf(from, to).Select(entry => entry.OrderId);

    private IEnumerable<Entry> AcceptedOf(long from, long to) =>
        _orders.Values.Where(entry => entry.Fate == OrderFate.Accepted && entry.DueAt >= from && entry.DueAt < to);

    private sealed record Entry(long DueAt, OrderFate Fate, Guid OrderId, long AnsweredAt);
}

/// <summary>One notification as its receiver heard it.</summary>
/// <param name="NotificationId">The same whenever the same end is told.</param>
/// <param name="OrderId">As it was written.</param>
/// <param name="Kind">How the order ended: <c>order.processed</c> or <c>order.rejected</c>.</param>
/// <param name="Times">How often it was heard.</param>
internal sealed record WebhookCall(Guid NotificationId, string OrderId, string Kind, int Times);
