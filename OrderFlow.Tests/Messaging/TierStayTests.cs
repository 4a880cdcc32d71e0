using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Tests.Messaging;

public sealed class TierStayTests
{
    private static readonly TimeSpan[] Tiers = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2)];

    [Theory]
    [InlineData(5, 0, 5)]
    [InlineData(5, 3, 5)]
    [InlineData(5, 5, 5)]
    [InlineData(5, 6, 30)]
    [InlineData(5, 30, 30)]
    [InlineData(5, 31, 120)]
    [InlineData(5, 3600, 120)]
    [InlineData(30, 3, 30)]
    [InlineData(120, 3, 120)]
    public void A_stay_is_in_the_tier_whose_turn_it_is_or_the_first_that_is_no_shorter_than_what_was_asked(int turn, int asked, int tier)
    {
        for (var draw = 0; draw < 200; draw++)
        {
            var stay = TierStay.Choose(Tiers, TimeSpan.FromSeconds(turn), TimeSpan.FromSeconds(asked));

            stay.Tier.ShouldBe(TimeSpan.FromSeconds(tier));
            stay.Wait.ShouldBeInRange(stay.Tier * 0.9, stay.Tier);
            (stay.Wait + stay.Rest).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(asked));
        }
    }

    [Fact]
    public void What_is_longer_than_the_longest_tier_is_waited_for_in_several_stays_that_sum_to_it()
    {
        var (rest, waited, stays) = (TimeSpan.FromHours(1), TimeSpan.Zero, 0);
        while (rest > TimeSpan.Zero)
        {
            var stay = TierStay.Choose(Tiers, TimeSpan.Zero, rest);
            (rest, waited, stays) = (stay.Rest, waited + stay.Wait, stays + 1);
        }

        waited.ShouldBeInRange(TimeSpan.FromHours(1), TimeSpan.FromHours(1) + TimeSpan.FromSeconds(5));
        stays.ShouldBeLessThanOrEqualTo(36);
    }
}
