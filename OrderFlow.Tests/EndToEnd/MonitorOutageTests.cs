using OrderFlow.Cli.Faults.Outage;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>The outage run in small. How fast orders were is for the command to say: here, other things may be going on.</summary>
[Collection(ChaosCollection.Name)]
public sealed class MonitorOutageTests
{
    private static readonly OutagePlan Plan = new(
        WarmUp: TimeSpan.Zero, Before: TimeSpan.FromSeconds(10), Down: TimeSpan.FromSeconds(10), After: TimeSpan.FromSeconds(5));

    [Fact]
    public async Task After_an_outage_the_store_has_every_event_once_and_every_flow_with_its_outcome()
    {
        var (report, text) = await ShortChaosRun.RunAsync(new()
        {
            Rate = 30, Duration = Plan.Longest, Outage = Plan, Duplicates = 0, Shuffles = false, Replicas = 1,
            Seed = Environment.TickCount & int.MaxValue,
        });

        report.Lost.ShouldBeEmpty(text);
        report.Doubled.ShouldBeEmpty(text);
        report.Stuck.ShouldBeEmpty(text);
        report.Unexplained.ShouldBeEmpty(text);
        report.CountersAgree.ShouldBeTrue(text);
        report.NotSent.ShouldBe(0);
        report.Accepted.ShouldBe(report.Offered, text);
        // It really was away, and has really caught up.
        var outage = report.Outage.ShouldNotBeNull(text);
        outage.Kills.ShouldBeGreaterThan(1, text);
        outage.AwaySeconds.ShouldBeGreaterThanOrEqualTo(10, text);
        outage.MostWaiting.ShouldBeGreaterThan(0, text);
        outage.CatchUpSeconds.ShouldNotBeNull(text);
        outage.StoredEvents.ShouldBeGreaterThan((int)report.Accepted * 3, text);
    }
}
