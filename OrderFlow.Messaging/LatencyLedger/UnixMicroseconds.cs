namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>Time as the message headers carry it: microseconds since the Unix epoch.</summary>
public static class UnixMicroseconds
{
    /// <summary>The last instant that has a date, in the year 9999.</summary>
    public static readonly long Last = From(DateTimeOffset.MaxValue);

    public static long From(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
