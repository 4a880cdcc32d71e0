namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// Whether events are likely to have been handled before: for a while after one was. Then it pays to ask the inbox first; otherwise nearly
/// never.
/// </summary>
internal sealed class ExpectedDuplicates(TimeProvider time)
{
    private static readonly TimeSpan While = TimeSpan.FromSeconds(10);

    private long _until = long.MinValue;

    public bool AreLikely => time.GetTimestamp() < Volatile.Read(ref _until);

    /// <summary>There was one.</summary>
    public void Seen() => Volatile.Write(ref _until, time.GetTimestamp() + (long)(While.TotalSeconds * time.TimestampFrequency));
}
