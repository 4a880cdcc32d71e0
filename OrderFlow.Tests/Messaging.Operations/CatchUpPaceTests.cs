using Microsoft.Extensions.Time.Testing;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Tests.Messaging.Operations;

public sealed class CatchUpPaceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CatchUpPace _pace;
    private DateTimeOffset _published;

    public CatchUpPaceTests()
    {
        _pace = new CatchUpPace(speed: 3, _time);
        _published = _time.GetUtcNow() - TimeSpan.FromMinutes(1);
        _pace.RestAfter([Message()]).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Late_events_are_gone_through_three_times_as_fast_as_they_were_published()
    {
        for (var batch = 0; batch < 5; batch++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            var rest = After(TimeSpan.FromMilliseconds(1500));
            rest.TotalMilliseconds.ShouldBe(300, 0.01);
            _time.Advance(rest);
        }
    }

    [Fact]
    public void Who_is_slower_than_that_never_rests()
    {
        _time.Advance(TimeSpan.FromMilliseconds(501));

        After(TimeSpan.FromMilliseconds(1500)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Quiet_hours_are_not_lived_through_again()
    {
        _published -= TimeSpan.FromHours(10);
        _pace.RestAfter([Message()]);

        After(TimeSpan.FromHours(8)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Events_that_are_on_time_or_older_than_the_last_ones_are_not_held_up()
    {
        After(TimeSpan.FromSeconds(-10)).ShouldBe(TimeSpan.Zero);
        _published = _time.GetUtcNow() - TimeSpan.FromSeconds(1.9);
        After(TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void What_cannot_be_read_says_nothing()
    {
        _pace.RestAfter([Message() with { Context = null }]).ShouldBe(TimeSpan.Zero);
        After(TimeSpan.FromMilliseconds(900)).TotalMilliseconds.ShouldBe(300, 0.01);
    }

    private TimeSpan After(TimeSpan further)
    {
        _published += further;
        return _pace.RestAfter([Message() with { Context = null }, Message(), Message() with { Context = null }]);
    }

    private TappedMessage Message() => new()
    {
        Exchange = "order.events",
        RoutingKey = "order.created",
        ReceivedAt = _time.GetTimestamp(),
        Headers = new Dictionary<string, object?>(),
        Body = default,
        Context = new EventContext
        {
            EventId = Guid.NewGuid(), CorrelationId = "any", Flow = "any", OriginTimestampMicros = UnixMicroseconds.From(_published),
            PublishedAtMicros = UnixMicroseconds.From(_published),
        },
    };
}
