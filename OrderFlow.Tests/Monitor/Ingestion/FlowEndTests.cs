using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor.Ingestion;

public sealed class FlowEndTests
{
    private static readonly DateTimeOffset Origin = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    private readonly OrderEvents _order = OrderEvents.From(Origin);

    [Fact]
    public void Only_the_last_event_ends_a_flow()
    {
        _order.All.SkipLast(1).ShouldAllBe(one => FlowEnd.Of(StoredEvent.Of(one.Tapped())) == null);
        FlowEnd.Of(StoredEvent.Of(_order.Sent.Tapped())).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(38_123)]
    [InlineData(40_000)]
    [InlineData(-250)]
    public void Flow_ends_when_the_customer_is_notified_not_when_the_event_is_published(long micros) =>
        FlowEnd.Of(StoredEvent.Of(_order.SentWith("1", micros).Tapped())).ShouldBe(Origin.AddMicroseconds(micros));

    [Theory]
    [InlineData(0)]
    [InlineData(40_001)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Impossible_duration_is_ignored(long micros) =>
        FlowEnd.Of(StoredEvent.Of(_order.SentWith("1", micros).Tapped())).ShouldBe(Origin.AddMilliseconds(40));

    [Fact]
    public void Unreadable_last_event_ends_the_flow_at_its_publish_time()
    {
        var sent = _order.Sent;
        var tapped = TapDecoder.Decode(
            1, sent.Exchange, sent.WireType, sent.Properties(), [0xff, 0xff, 0xff], TimeProvider.System.GetTimestamp());

        Should.Throw<InvalidProtocolBufferException>(() => NotificationSent.Parser.ParseFrom(tapped.Body.Span));
        FlowEnd.Of(StoredEvent.Of(tapped)).ShouldBe(UnixMicroseconds.ToTime(sent.Context.PublishedAtMicros));
    }
}
