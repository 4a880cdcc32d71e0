using System.Collections.Concurrent;

namespace OrderFlow.Cli.Ledgers;

/// <summary>What became of the requests.</summary>
internal sealed class AnswerCounts
{
    private readonly ConcurrentDictionary<int, long> _rejected = new();
    private long _sent;
    private long _notSent;
    private long _inFlight;
    private long _failedConnections;
    private long _unknown;

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Due while too many already waited for their answer.</summary>
    public long NotSent => Interlocked.Read(ref _notSent);

    public long InFlight => Interlocked.Read(ref _inFlight);

    public long FailedConnections => Interlocked.Read(ref _failedConnections);

    /// <summary>Neither surely accepted nor surely not.</summary>
    public long Unknown => Interlocked.Read(ref _unknown);

    public long Rejected => _rejected.Values.Sum();

    public IReadOnlyDictionary<int, long> RejectedByStatus => new SortedDictionary<int, long>(_rejected);

    public bool TryBegin(int limit)
    {
        if (Interlocked.Increment(ref _inFlight) > limit)
        {
            Interlocked.Decrement(ref _inFlight);
            Interlocked.Increment(ref _notSent);
            return false;
        }

        Interlocked.Increment(ref _sent);
        return true;
    }

    public void End() => Interlocked.Decrement(ref _inFlight);

    public void CountRejected(int status) => _rejected.AddOrUpdate(status, 1, static (_, count) => count + 1);

    public void CountFailedConnection() => Interlocked.Increment(ref _failedConnections);

    public void CountUnknown() => Interlocked.Increment(ref _unknown);
}
