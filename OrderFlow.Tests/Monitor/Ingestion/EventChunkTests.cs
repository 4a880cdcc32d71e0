using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor.Ingestion;

public sealed class EventChunkTests
{
    private static readonly DateTimeOffset Origin = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Events_come_out_as_they_were_packed()
    {
        var orders = Enumerable.Range(0, 20)
            .Select(number => OrderEvents.From(Origin.AddMilliseconds(number * 7), userId: $"user-{number % 3}"));
        List<StoredEvent> events =
        [
            .. orders.SelectMany(order => order.All.SkipLast(1).Append(order.SentWith("1;accept=1;end", 38_000))).Select(Stored),
            Odd(),
            Odd() with
            {
                EventId = Guid.CreateVersion7(), CausationId = Guid.NewGuid(), Replayed = true, Attempt = 4, FlowAttempt = "replayed",
            },
            Odd() with { EventId = Guid.CreateVersion7(), OriginMicros = 0, PublishedMicros = long.MaxValue / 4, Body = new byte[100_000] },
        ];

        var (ids, data) = EventChunk.Pack(events);
        var unpacked = EventChunk.Unpack(ids, data);

        unpacked.Select(one => one with { Body = default }).ShouldBe(events.Select(one => one with { Body = default }));
        unpacked.Select(one => Convert.ToHexString(one.Body.Span)).ShouldBe(events.Select(one => Convert.ToHexString(one.Body.Span)));
        EventChunk.IdsOf(ids).ShouldBe(events.Select(one => one.EventId));
    }

    [Fact]
    public void Chunk_of_a_later_version_is_an_error_that_says_so() =>
        Should.Throw<InvalidDataException>(() => EventChunk.Unpack([], [9, 1, 2])).Message
            .ShouldBe("A chunk of events has the format 9, and this Monitor reads 1. Was it written by a later one?");

    private static StoredEvent Stored(TestEvent one) => StoredEvent.Of(one.Tapped());

    /// <summary>Without all that an event may be without.</summary>
    private static StoredEvent Odd() => new(
        new Guid("0f2b1a34-5c6d-8e7f-9a0b-1c2d3e4f5a6b"), "", null, "no.such", int.MaxValue, null, null, null, null, "", 1, 1, 1, false,
        null, null, null, ReadOnlyMemory<byte>.Empty);
}
