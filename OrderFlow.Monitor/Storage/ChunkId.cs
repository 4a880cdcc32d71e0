namespace OrderFlow.Monitor.Storage;

/// <summary>
/// The id of a chunk of events. It begins with the five seconds in which its events were made, so that ids of chunks are the order of time,
/// the partition of a chunk, and the index in which an event is found.
/// </summary>
internal static class ChunkId
{
    public const int SlotSeconds = 5;

    /// <summary>Chunks of one batch in one slot.</summary>
    public const int MostOfBatch = 64;

    /// <summary>Bits below the slot: a number of batches, which begins anew after two years at one a second, and the chunk in it.</summary>
    private const int Bits = 32;

    /// <summary>As late as an id can say; in the year 2286.</summary>
    public const long LastMillisecond = 9_999_999_999_999;

    private const int SecondsPerDay = 86_400;

    /// <summary>The chunk with an ordinal within the batch.</summary>
    public static long Of(long slot, long batch, int ordinal) =>
        (slot << Bits) | (((batch * MostOfBatch) + ordinal) & ((1L << Bits) - 1));

    /// <summary>The first id that a chunk of a slot can have.</summary>
    public static long First(long slot) => slot << Bits;

    /// <summary>The first id that a chunk of a day can have.</summary>
    public static long First(DateOnly day) => First((long)(day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)
        * SecondsPerDay / SlotSeconds);

    /// <summary>The slot of a chunk.</summary>
    public static long SlotOf(long id) => id >> Bits;

    /// <summary>The day on which the events of a slot were made.</summary>
    public static DateOnly DayOf(long slot) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddSeconds(slot * SlotSeconds));
}
