using OrderFlow.Cli.Load;

namespace OrderFlow.Tests.Cli.Load;

public sealed class ArrivalScheduleTests
{
    [Theory]
    [InlineData(200, 30_000, 6_000)]
    [InlineData(0.5, 10_000, 5)]
    [InlineData(3, 1_000, 3)]
    [InlineData(0.1, 5_000, 0)]
    [InlineData(1_000, 1, 1)]
    public void A_run_has_rate_times_duration_orders(double rate, double milliseconds, long total) =>
        new ArrivalSchedule(rate, TimeSpan.FromMilliseconds(milliseconds)).Total.ShouldBe(total);

    [Fact]
    public void Orders_are_evenly_spaced_from_the_first_moment()
    {
        var schedule = new ArrivalSchedule(200, TimeSpan.FromSeconds(1));

        schedule.DueAt(0).ShouldBe(TimeSpan.Zero);
        schedule.DueAt(1).ShouldBe(TimeSpan.FromMilliseconds(5));
        schedule.DueAt(199).ShouldBe(TimeSpan.FromMilliseconds(995));
    }

    [Fact]
    public void By_the_time_an_order_is_due_it_is_counted_as_due()
    {
        var schedule = new ArrivalSchedule(700, TimeSpan.FromSeconds(3));

        for (long number = 0; number < schedule.Total; number++)
        {
            // DueAt is cut to a tick, so the order may be due one tick later.
            schedule.DueBy(schedule.DueAt(number) + TimeSpan.FromTicks(1)).ShouldBeGreaterThanOrEqualTo(number + 1);
        }

        schedule.DueBy(TimeSpan.FromTicks(-1)).ShouldBe(0);
        schedule.DueBy(TimeSpan.FromHours(1)).ShouldBe(schedule.Total);
    }
}
