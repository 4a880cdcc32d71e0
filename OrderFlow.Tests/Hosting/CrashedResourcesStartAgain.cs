using OrderFlow.Hosting.Running;

namespace OrderFlow.Tests.Hosting;

public sealed class CrashedResourcesStartAgain
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public void After_a_pause_that_doubles_up_to_15_seconds_and_is_short_again_after_a_minute_of_health()
    {
        var time = new ManualTime();
        var backOff = new BackOff(time);

        double[] pauses = [.. Enumerable.Range(0, 7).Select(_ => backOff.AfterCrash(healthySince: null).TotalSeconds)];
        pauses.ShouldBe([0.5, 1, 2, 4, 8, 15, 15]);

        var healthy = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(59));
        backOff.AfterCrash(healthy).TotalSeconds.ShouldBe(15);
        time.Advance(TimeSpan.FromSeconds(1));
        backOff.AfterCrash(healthy).TotalSeconds.ShouldBe(0.5);
        backOff.AfterCrash(healthySince: null).TotalSeconds.ShouldBe(1);
    }

    [Fact]
    public async Task As_another_process_and_its_helpers_do_not_survive_it()
    {
        await using var app = new LocalApp();
        app.AddScript("server", "sleep 1000 & echo helper $!; wait").WithHttpEndpoint();
        await app.StartAsync();
        var first = await app.ProcessIdAsync("server");
        var helper = HelperIn(await app.LineAsync("server", line => line.StartsWith("helper", StringComparison.Ordinal)));

        var restarting = app.Notifications.WaitForResourceAsync("server", e => e.Snapshot.State?.Text == KnownResourceStates.Restarting, CancellationToken);
        Posix.Kill(first, Posix.SigKill).ShouldBe(0);

        (await restarting).Snapshot.ExitCode.ShouldBe(128 + Posix.SigKill);
        await Processes.GoneAsync(helper);
        (await app.ProcessIdAsync("server", otherThan: first)).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_server_even_when_it_ends_without_an_error()
    {
        await using var app = new LocalApp();
        app.AddScript("server", "echo started; exit 0").WithHttpEndpoint();
        await app.StartAsync();

        var again = await app.Notifications.WaitForResourceAsync("server", e => e.Snapshot.State?.Text == KnownResourceStates.Restarting, CancellationToken);

        again.Snapshot.ExitCode.ShouldBe(0);
        await app.ProcessIdAsync("server");
    }

    [Fact]
    public async Task Until_they_succeed_when_they_have_an_end()
    {
        await using var app = new LocalApp();
        app.AddScript("job", "[ -e tried ] && exit 0; touch tried; exit 7");
        await app.StartAsync();

        (await app.StateAsync("job", KnownResourceStates.Restarting)).Snapshot.ExitCode.ShouldBe(7);
        (await app.StateAsync("job", KnownResourceStates.Finished)).Snapshot.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task And_who_waited_for_them_once_runs_on()
    {
        await using var app = new LocalApp();
        var server = app.AddScript("server", "exec sleep 1000").WithHttpEndpoint();
        app.AddScript("user", "exec sleep 1000").WaitFor(server);
        await app.StartAsync();
        var user = await app.ProcessIdAsync("user");
        var first = await app.ProcessIdAsync("server");

        Posix.Kill(first, Posix.SigKill).ShouldBe(0);
        await app.ProcessIdAsync("server", otherThan: first);

        (await app.ProcessIdAsync("user")).ShouldBe(user);
        Processes.Exists(user).ShouldBeTrue();
    }

    private static int HelperIn(string line) => int.Parse(line.Split(' ')[1]);
}
