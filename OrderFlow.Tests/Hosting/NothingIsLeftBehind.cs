using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Hosting.Running;

namespace OrderFlow.Tests.Hosting;

public sealed class NothingIsLeftBehind
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_ignores_the_request_to_stop_is_killed_with_its_helpers()
    {
        await using var app = new LocalApp("--OrderFlow:ExecutableStopTimeoutSeconds=0.2");
        app.AddScript("stubborn", "trap '' TERM; sleep 1000 & echo helper; while :; do sleep 1; done");
        await app.StartAsync();
        await app.LineAsync("stubborn", line => line == "helper");
        Processes.With(Guardian.Mark, app.RunId).Count.ShouldBeGreaterThanOrEqualTo(2);

        await app.App.StopAsync(CancellationToken);

        await Processes.GoneAsync(Guardian.Mark, app.RunId);
    }

    [Fact]
    public async Task A_process_that_stops_when_asked_has_the_time_it_needs()
    {
        await using var app = new LocalApp("--OrderFlow:ExecutableStopTimeoutSeconds=20");
        app.AddScript("orderly", "trap 'sleep 0.3; echo tidied up; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        await app.StartAsync();
        await app.LineAsync("orderly", line => line == "up");

        await app.App.StopAsync(CancellationToken);

        app.Lines("orderly").ShouldBe(["up", "tidied up"]);
    }

    [Fact]
    public async Task A_daemon_that_left_its_group_and_its_session_is_found_all_the_same()
    {
        await using var app = new LocalApp();
        app.AddScript("forking", "setsid sleep 1000 & echo forked; exec sleep 1000");
        await app.StartAsync();
        await app.LineAsync("forking", line => line == "forked");
        await Wait.UntilAsync(
            "no daemon",
            () => Processes.With(Guardian.Mark, app.RunId).Count == 2,
            TimeSpan.FromSeconds(10));

        await app.App.StopAsync(CancellationToken);

        await Processes.GoneAsync(Guardian.Mark, app.RunId);
    }

    [Fact]
    public async Task A_guardian_that_is_killed_is_replaced_by_one_that_knows_everything()
    {
        await using var app = new LocalApp();
        app.AddScript("server", "exec sleep 1000");
        await app.StartAsync();
        var server = await app.ProcessIdAsync("server");
        var guardian = app.App.Services.GetRequiredService<Guardian>();
        var killed = guardian.Pid;

        Posix.Kill(killed, Posix.SigKill).ShouldBe(0);
        await Wait.UntilAsync("the same guardian", () => guardian.Pid != killed, TimeSpan.FromSeconds(10));
        guardian.Dispose();

        // The pipe to the guardian ended, as it would with the AppHost: nothing else kills the server.
        await Processes.GoneAsync(server);
    }

    [Fact]
    public async Task Not_even_when_the_AppHost_is_killed()
    {
        await using var host = await AppHostProcess.StartAsync();
        await host.LineAsync("messaging            ● running");
        await host.LineAsync("prometheus           ● running");

        host.Send(Posix.SigKill);

        await host.ExitAsync();
        await Processes.GoneAsync(AppHostProcess.Mark, host.Id);
    }

    [Fact]
    public async Task When_the_AppHost_is_stopped_by_Ctrl_C_and_its_connection_file_is_gone()
    {
        await using var host = await AppHostProcess.StartAsync();
        await host.LineAsync("All healthy in ");
        var file = Path.Combine(host.RunDirectory, "connection.json");
        await Wait.UntilAsync("no connection file", () => File.Exists(file), TimeSpan.FromSeconds(10));
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var password = PasswordIn(await File.ReadAllTextAsync(file, CancellationToken));
        Processes.AllCommandLines().ShouldNotContain(password);

        host.Send(Posix.SigInt);

        (await host.ExitAsync()).ShouldBe(0);
        await Processes.GoneAsync(AppHostProcess.Mark, host.Id);
        File.Exists(file).ShouldBeFalse();
        host.Output.ShouldNotContain(password);
        foreach (var log in Directory.EnumerateFiles(Path.Combine(host.RunDirectory, "logs")))
        {
            (await File.ReadAllTextAsync(log, CancellationToken)).ShouldNotContain(password);
        }
    }

    [Fact]
    public async Task When_the_dotnet_run_that_started_the_AppHost_is_killed()
    {
        await using var host = await AppHostProcess.StartUnderStarterAsync();
        await host.LineAsync("messaging            ● running");

        host.Send(Posix.SigKill);

        await host.ExitAsync();
        await Processes.GoneAsync(AppHostProcess.Mark, host.Id);
    }

    private static string PasswordIn(string connectionFile)
    {
        using var parsed = System.Text.Json.JsonDocument.Parse(connectionFile);
        return new Uri(parsed.RootElement.GetProperty("messaging").GetString()!).UserInfo.Split(':')[1];
    }
}
