using OrderFlow.Monitor.Latency;
using OrderFlow.Tests.Support;

namespace OrderFlow.Tests.Monitor.Latency;

public sealed class WatchClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly JumpingTimeProvider _time = new(Start);
    private readonly WatchClock _clock;

    public WatchClockTests()
    {
        _clock = new WatchClock(_time);
        _clock.Now(Start, Patience).ShouldBe(Start);
    }

    [Fact]
    public void Clock_set_forwards_is_ignored_while_events_contradict_it()
    {
        _time.Jump(TimeSpan.FromHours(5));
        for (var second = 1; second <= 300; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _clock.Now(Start.AddSeconds(second), Patience).ShouldBe(Start.AddSeconds(second));
        }
    }

    [Fact]
    public void Clock_set_forwards_is_accepted_once_an_event_confirms_it()
    {
        _time.Jump(TimeSpan.FromHours(5));
        _clock.Now(Start, Patience).ShouldBe(Start);

        _clock.Now(Start.AddHours(5), Patience).ShouldBe(Start.AddHours(5));
    }

    [Fact]
    public void Clock_set_forwards_is_accepted_when_no_event_came_for_a_while()
    {
        _time.Jump(TimeSpan.FromHours(5));
        _clock.Now(Start, Patience).ShouldBe(Start);
        _time.Advance(Patience / 2);
        _clock.Now(Start, Patience).ShouldBe(Start + (Patience / 2));
        _time.Advance(Patience / 2);

        _clock.Now(Start, Patience).ShouldBe(Start.AddHours(5) + Patience);
    }

    [Fact]
    public void Clock_set_backwards_is_accepted()
    {
        _time.Jump(TimeSpan.FromHours(-5));

        _clock.Now(Start, Patience).ShouldBe(Start.AddHours(-5));
    }
}
