namespace OrderFlow.Messaging.Durability;

/// <summary>Lets one of many repetitions through to the log: the first, then one per <paramref name="interval"/>.</summary>
internal sealed class Reminder(TimeProvider time, TimeSpan interval)
{
    private readonly Lock gate = new();
    private long? last;

    public bool IsDue()
    {
        lock (gate)
        {
            if (last is { } at && time.GetElapsedTime(at) < interval)
            {
                return false;
            }

            last = time.GetTimestamp();
            return true;
        }
    }

    public void Reset()
    {
        lock (gate)
        {
            last = null;
        }
    }
}
