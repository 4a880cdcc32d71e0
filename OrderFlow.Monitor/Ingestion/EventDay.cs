using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// The partition of an event. Every copy of it must find the same, and when it was published is not the same of all: an outbox publishes
/// again after midnight, and clocks are set. So it is the day on which the id was made, which a UUIDv7 says.
/// </summary>
/// <param name="Day">The day.</param>
/// <param name="IsCertain">
/// Whether no copy can have another. <c>false</c> for an id that says no day that is kept (of another version, or made by a clock far
/// off), whose events are stored by when they were published, and for one that was published on another day than it says, which may have
/// been such an id before.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventDay(DateOnly Day, bool IsCertain)
{
    /// <param name="message">The event; when it was published is within the days that are kept.</param>
    /// <param name="first">The first day that is kept.</param>
    /// <param name="last">The last day that an event can have.</param>
    public static EventDay Of(TappedMessage message, DateOnly first, DateOnly last)
    {
        var context = message.Context!;
        var published = Retention.Day(UnixMicroseconds.ToTime(context.PublishedAtMicros));
        return MadeOn(context.EventId) is { } made && made >= first && made <= last
            ? new EventDay(made, made == published)
            : new EventDay(published, false);
    }

    /// <summary>
    /// The day (UTC) in the first 48 bits of a UUIDv7 (RFC 9562, 5.7); <see langword="null"/> of any other id, and beyond the calendar.
    /// </summary>
    private static DateOnly? MadeOn(Guid id)
    {
        if (id.Version != 7 || id.Variant is < 8 or > 11)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
        return milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? Retention.Day(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))
            : null;
    }
}
