using System.Diagnostics;
using OrderFlow.Cli.Faults;

namespace OrderFlow.Tests.Cli.Chaos;

public sealed class ProcessIdentityTests
{
    [Fact]
    public async Task Only_the_very_process_is_signalled_not_another_one_that_got_its_id()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        var identity = ProcessIdentity.Of(process.Id).ShouldNotBeNull();

        (identity with { StartedAt = identity.StartedAt - 1 }).Signal(Signals.Kill).ShouldBeFalse();
        identity.IsAlive.ShouldBeTrue();
        identity.Signal(Signals.Kill).ShouldBeTrue();

        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        identity.Signal(Signals.Kill).ShouldBeFalse();
    }

    [Fact]
    public void A_process_is_known_with_what_it_started()
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
