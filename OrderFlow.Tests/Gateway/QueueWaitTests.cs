using OrderFlow.Gateway.PlaceOrder;

namespace OrderFlow.Tests.Gateway;

public sealed class QueueWaitTests
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMilliseconds(250);

    private readonly QueueWait _wait = new(TimeSpan.FromSeconds(1));
    private long _length;

    [Fact]
    public void Twice_as_many_as_are_taken_are_turned_away_so_that_about_a_second_of_them_waits()
    {
        var (accepted, longest) = (0L, 0L);
        for (var look = 0; look < 480; look++)
        {
            var put = _wait.IsTooLong ? 0 : 1000;
            accepted += put;
            Look(put, taken: 500);
            longest = Math.Max(longest, look > 20 ? _length : 0);
        }

        // 2,000 a second are taken: a quarter of a second more may come before the next look.
        longest.ShouldBeInRange(2000, 3000);
        accepted.ShouldBeInRange(235_000, 245_000);
    }

    [Fact]
    public void Nobody_is_turned_away_when_what_comes_is_taken()
    {
        for (var look = 0; look < 480; look++)
        {
            Look(put: 500, taken: 500);
            _wait.IsTooLong.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_few_that_wait_are_no_crowd_however_slowly_they_are_taken()
    {
        for (var look = 0; look < 100; look++)
        {
            Look(put: look < 90 ? 11 : 0, taken: 1);
            _wait.IsTooLong.ShouldBeFalse();
        }
    }

    [Fact]
    public void Without_a_consumer_orders_wait_safely_and_when_it_is_back_new_ones_do_not_wait_behind_them_for_long()
    {
        Look(put: 500, taken: 500);
        Look(put: 500, taken: 500);
        for (var look = 0; look < 100; look++)
        {
            Look(put: 500, taken: 0, consumers: 0);
            _wait.IsTooLong.ShouldBeFalse();
        }

        Look(put: 500, taken: 500);
        _wait.IsTooLong.ShouldBeTrue();
        while (_length > 500)
        {
            Look(put: 0, taken: 500);
        }

        _wait.IsTooLong.ShouldBeFalse();
    }

    [Fact]
    public void A_consumer_that_takes_nothing_any_more_is_an_outage_and_orders_are_accepted_again()
    {
        for (var look = 0; look < 20; look++)
        {
            Look(put: 500, taken: 500);
        }

        for (var look = 0; look < 20; look++)
        {
            Look(put: _wait.IsTooLong ? 0 : 500, taken: 0);
        }

        _wait.IsTooLong.ShouldBeFalse();
        _length.ShouldBeGreaterThan(5000);
    }

    [Fact]
    public void What_others_put_in_too_does_not_turn_away_while_little_waits()
    {
        for (var look = 0; look < 100; look++)
        {
            _length += 500;
            Look(put: 500, taken: 1000);
            _wait.IsTooLong.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_queue_that_cannot_be_looked_at_and_a_limit_of_zero_turn_nobody_away()
    {
        var none = new QueueWait(TimeSpan.Zero);
        for (var look = 0; look < 20; look++)
        {
            Look(put: 1000, taken: 500);
            none.Look(_length, 1, 1000, Quarter);
        }

        none.IsTooLong.ShouldBeFalse();
        _wait.IsTooLong.ShouldBeTrue();
        _wait.Forget();
        _wait.IsTooLong.ShouldBeFalse();
    }

    private void Look(int put, int taken, int consumers = 1)
    {
        _length = Math.Max(0, _length + put - taken);
        _wait.Look(_length, consumers, put, Quarter);
    }
}
