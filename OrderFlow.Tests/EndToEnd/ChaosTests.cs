using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Faults;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>
/// The chaos run in small, with everything that the command does. Alone: beside other tests a killed broker is away for most of the load.
/// </summary>
[Collection(ChaosCollection.Name)]
public sealed class ChaosTests
{
    private const int Faults = 13;

    /// <summary>All but those that take long: a broker that stands still for half a minute, and one that begins anew.</summary>
    private static readonly FaultKind[] Kinds =
    [
        FaultKind.Kill, FaultKind.Freeze, FaultKind.Restart, FaultKind.DeliveryLimit, FaultKind.QueueDeletion,
    ];

    [Fact]
    public async Task Faults_duplicates_reordering_and_garbage_lose_and_double_no_order()
    {
        var (report, text) = await ShortChaosRun.RunAsync(new()
        {
            Rate = 30, Duration = TimeSpan.FromSeconds(40), Faults = Faults, Kinds = Kinds, GarbagePerQueue = 20,
            Seed = Environment.TickCount & int.MaxValue, Drain = TimeSpan.FromMinutes(4),
        });

        report.Lost.ShouldBeEmpty(text);
        report.Doubled.ShouldBeEmpty(text);
        report.Stuck.ShouldBeEmpty(text);
        report.Unexplained.ShouldBeEmpty(text);
        report.CountersAgree.ShouldBeTrue(text);
        report.ExitCode.ShouldBe(ExitCodes.Success);
        // Something really went wrong, and orders went on.
        report.Accepted.ShouldBeGreaterThan(100, text);
        report.Faults.ShouldBe(Faults, text);
        report.RestartsByFault.ShouldBeGreaterThan(4, text);
        report.FaultNotes.ShouldHaveSingleItem().ShouldStartWith("queue deleted");
        report.DeliveredAgain.ShouldBeGreaterThan(0, text);
        report.Shuffled.ShouldBeGreaterThan(0, text);
        report.GarbageFound.ShouldBe(report.GarbageInjected);
        report.GarbageFound.ShouldBe(60);
    }
}
