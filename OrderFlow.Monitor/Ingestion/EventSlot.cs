using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Where an event is stored: the five seconds in which it was made. Every copy of it must find the same, and when it was published is not
/// the same of all: an outbox publishes again after midnight, and clocks are set. So it is the time at which the id was made, which a
/// UUIDv7 says, and an event is found by its id without an index of ids.
/// </summary>
/// <param name="Number">Five seconds since the Unix epoch.</param>
/// <param name="IsOfId">Whether the id says it. <c>false</c> for an id that says no day that is kept (of another version, or made by a
/// clock far off): such an event is stored by when it was published, and its id is written down beside.</param>
/// <param name="IsCertain">Whether no copy can have another: <c>false</c>, too, for one that was published on another day than its id says,
/// which may have been such an id before.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventSlot(long Number, bool IsOfId, bool IsCertain)
{
    private const long Micros = (long)ChunkId.SlotSeconds * 1_000_000;

    /// <param name="one">The event; when it was published is within the days that are kept.</param>
    /// <param name="first">The first day that is kept.</param>
    /// <param name="last">The last day that an event can have.</param>
    public static EventSlot Of(StoredEvent one, DateOnly first, DateOnly last)
    {
        var published = DayOf(one.PublishedMicros);
        return MadeAt(one.EventId) is { } made && DayOf(made) is var day && day >= first && day <= last
            ? new EventSlot(made / Micros, IsOfId: true, IsCertain: day == published)
            : new EventSlot(one.PublishedMicros / Micros, IsOfId: false, IsCertain: false);
    }

    /// <summary>The slot that an id says; <see langword="null"/> when it says none.</summary>
    public static long? Of(Guid id) => MadeAt(id) / Micros;

    /// <summary>
    /// The time in the first 48 bits of a UUIDv7 (RFC 9562, 5.7); <see langword="null"/> of any other id, and beyond the calendar.
    /// </summary>
    private static long? MadeAt(Guid id)
    {
        if (id.Version != 7 || id.Variant is < 8 or > 11)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        return milliseconds <= ChunkId.LastMillisecond ? milliseconds * 1000 : null;
    }

    private static DateOnly DayOf(long micros) => Retention.Day(UnixMicroseconds.ToTime(micros));
}
