using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor;

public sealed class FlowEndTests
{
    private static readonly DateTimeOffset Origin = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    private readonly OrderEvents _order = OrderEvents.From(Origin);

    [Fact]
    public void Only_the_last_event_ends_a_flow()
    {
        _order.All.SkipLast(1).ShouldAllBe(one => FlowEnd.Of(one.Tapped()) == null);
        FlowEnd.Of(_order.Sent.Tapped()).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(38_123)]
    [InlineData(40_000)]
    [InlineData(-250)]
    public void It_ended_when_the_customer_was_told_not_when_that_was_published(long micros) =>
        FlowEnd.Of(_order.SentWith("1", micros).Tapped()).ShouldBe(Origin.AddMicroseconds(micros));

    [Theory]
    [InlineData(0)]
    [InlineData(40_001)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void What_cannot_be_is_not_believed(long micros) =>
        FlowEnd.Of(_order.SentWith("1", micros).Tapped()).ShouldBe(Origin.AddMilliseconds(40));

    [Fact]
    public void A_body_that_cannot_be_read_ends_it_with_its_publishing()
    {
        var sent = _order.Sent;
        var tapped = TapDecoder.Decode(1, sent.Exchange, sent.WireType, sent.Properties(), [0xff, 0xff, 0xff], TimeProvider.System.GetTimestamp());

        Should.Throw<InvalidProtocolBufferException>(() => NotificationSent.Parser.ParseFrom(tapped.Body.Span));
        FlowEnd.Of(tapped).ShouldBe(UnixMicroseconds.ToTime(sent.Context.PublishedAtMicros));
    }
}
