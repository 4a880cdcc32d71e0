using System.Runtime.InteropServices;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Gateway.ShedLoad;

/// <summary>How long orders wait on their way, as the services tell, and how fast they are taken where they wait the longest.</summary>
internal sealed class OrderPace
{
    /// <summary>The events that an order's way is made of: each is waited for once.</summary>
    private static readonly string[] Hops =
        [EventTypes.OrderCreated, EventTypes.PaymentRequested, EventTypes.PaymentProcessed, EventTypes.OrderProcessed];

    /// <summary>A service that has told nothing for so long has nothing to tell: no event waits there, or it is away.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>A process that has told nothing for so long is gone.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(30);

    /// <summary>What is of a longer time says nothing of now.</summary>
    private const double LongestWindowMs = 60_000;

    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, ServiceHeartbeat Heartbeat)> _heard = [];
    private readonly Dictionary<string, TimeSpan> _gateways = new(StringComparer.Ordinal);

    /// <summary>Takes note of what a process tells.</summary>
    /// <param name="heartbeat">What it tells.</param>
    /// <param name="now">When; any clock that is not set.</param>
    public void Hear(ServiceHeartbeat heartbeat, TimeSpan now)
    {
        lock (_gate)
        {
            if (heartbeat.Service == ServiceNames.Gateway)
            {
                _gateways[heartbeat.Instance] = now;
            }
            else if (heartbeat.WindowMs is >= 1 and <= LongestWindowMs)
            {
                _heard.Add((now, heartbeat));
            }
        }
    }

    /// <summary>What can be said now.</summary>
    public Pace Look(TimeSpan now)
    {
        lock (_gate)
        {
            _heard.RemoveAll(one => now - one.At > Fresh);
            foreach (var (gateway, _) in _gateways.Where(one => now - one.Value > Silent).ToList())
            {
                _gateways.Remove(gateway);
            }

            var (wait, slowest) = (0.0, (Wait: 0.0, Rate: 0.0));
            foreach (var hop in Hops)
            {
                var at = At(hop);
                wait += at.Wait;
                slowest = at.Wait > slowest.Wait ? at : slowest;
            }

            return new Pace(TimeSpan.FromMilliseconds(wait), slowest.Rate, Math.Max(1, _gateways.Count));
        }
    }

    /// <summary>What is told of an event: the mean wait, in milliseconds, as each process said last; events a second of all.</summary>
    private (double Wait, double Rate) At(string eventType)
    {
        var (rate, wait, events) = (0.0, 0.0, 0L);
        foreach (var instance in _heard.GroupBy(one => one.Heartbeat.Instance, StringComparer.Ordinal))
        {
            var told = instance
                .Select(one => (one.Heartbeat.WindowMs, Of: one.Heartbeat.Handled.FirstOrDefault(of => of.EventType == eventType)))
                .ToList();
            rate += told.Sum(one => one.Of?.Count ?? 0) * 1000 / told.Sum(one => one.WindowMs);
            if (told.FindLast(one => one.Of is { Count: > 0 }).Of is { } last)
            {
                wait += last.MeanWaitMs * last.Count;
                events += last.Count;
            }
        }

        return (events == 0 ? 0 : wait / events, rate);
    }
}

/// <summary>How orders get on.</summary>
/// <param name="Wait">What an order waits in queues on its whole way.</param>
/// <param name="Rate">Orders a second that the service takes at which they wait the longest; 0 when nobody waits.</param>
/// <param name="Gateways">Processes that let orders in, this one among them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Pace(TimeSpan Wait, double Rate, int Gateways);
