using Microsoft.Extensions.Options;
using OrderFlow.NotificationService.Simulation;

namespace OrderFlow.Tests.NotificationService;

public sealed class SimulatedFailureTests
{
    private const int Events = 20_000;

    [Theory]
    [InlineData("Permanent")]
    [InlineData("Transient")]
    public void The_rate_is_the_share_that_fails(string mode)
    {
        var failure = Failure(0.25, Enum.Parse<FailureMode>(mode));

        var failed = Enumerable.Range(0, Events).Count(_ => Fails(failure, Guid.CreateVersion7()));

        // Seven standard deviations: wrong by chance once in 10^11 runs.
        failed.ShouldBeInRange((int)(Events * 0.25) - 430, (int)(Events * 0.25) + 430);
    }

    [Fact]
    public void A_permanent_failure_hits_every_attempt_of_an_event_or_none()
    {
        var failure = Failure(0.5, FailureMode.Permanent);

        foreach (var eventId in Enumerable.Range(0, 200).Select(_ => Guid.CreateVersion7()))
        {
            var first = Fails(failure, eventId);
            Enumerable.Range(0, 4).ShouldAllBe(_ => Fails(failure, eventId) == first);
        }
    }

    [Fact]
    public void A_transient_failure_does_not_hit_every_attempt()
    {
        var failure = Failure(0.5, FailureMode.Transient);
        var eventId = Guid.CreateVersion7();

        Enumerable.Range(0, 200).Select(_ => Fails(failure, eventId)).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void No_event_fails_at_0_and_every_event_at_1(double rate, bool fails)
    {
        foreach (var mode in Enum.GetValues<FailureMode>())
        {
            Fails(Failure(rate, mode), Guid.CreateVersion7()).ShouldBe(fails);
            Fails(Failure(rate, mode), Guid.AllBitsSet).ShouldBe(fails);
        }
    }

    private static SimulatedFailure Failure(double rate, FailureMode mode) =>
        new(Options.Create(new SimulatedFailureOptions { FailureRate = rate, FailureMode = mode }));

    private static bool Fails(SimulatedFailure failure, Guid eventId)
    {
        try
        {
            failure.ThrowIfDue(eventId);
            return false;
        }
        catch (SimulatedFailureException)
        {
            return true;
        }
    }
}
