using System.Diagnostics;
using OrderFlow.Cli.Faults;

namespace OrderFlow.Tests.Cli.Faults;

public sealed class ProcessIdentityTests
{
    [Fact]
    public async Task A_signal_goes_to_the_process_itself_and_not_to_another_with_its_id()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        var identity = ProcessIdentity.Of(process.Id).ShouldNotBeNull();

        (identity with { StartedAt = identity.StartedAt - 1 }).Signal(Signals.Kill).ShouldBeFalse();
        identity.IsAlive.ShouldBeTrue();
        identity.Signal(Signals.Kill).ShouldBeTrue();

        await process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        identity.Signal(Signals.Kill).ShouldBeFalse();
    }

    [Fact]
    public void The_tree_of_a_process_has_its_children()
    {
        using var child = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        try
        {
            ProcessIdentity.Of(Environment.ProcessId)!.Tree().ShouldContain(ProcessIdentity.Of(child.Id)!);
        }
        finally
        {
            child.Kill();
        }
    }
}
