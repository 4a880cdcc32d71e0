using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.AppHost;

namespace OrderFlow.Tests.AppHost;

/// <summary>However the AppHost ends, nothing of it runs on.</summary>
public sealed class CleanShutdownTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task AppHost_that_is_asked_to_stop_stops_all_processes_and_deletes_its_connection_file(string signal)
    {
        await using var host = await AppHostProcess.StartHealthyAsync();
        var file = Path.Combine(host.RunDirectory, "connection.json");
        await Wait.UntilAsync("no connection file", () => File.Exists(file), TimeSpan.FromSeconds(10));
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var passwords = await PasswordsOfAsync(host);
        passwords.Count.ShouldBe(11);
        var commands = Processes.AllCommandLines();
        passwords.ShouldAllBe(password => !commands.Contains(password, StringComparison.Ordinal));

        await host.SendAsync(signal);

        (await host.ExitAsync()).ShouldBe(0);
        await Processes.GoneAsync(AppHostProcess.Mark, host.Id);
        File.Exists(file).ShouldBeFalse();
        passwords.ShouldAllBe(password => !host.Output.Contains(password, StringComparison.Ordinal));
        var logs = Directory.GetFiles(Path.Combine(host.RunDirectory, "logs"));
        logs.Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(
        [
            "alertmanager.log", "gateway.log", "messaging.log", "monitor.log", "notification-service.log", "order-service.log",
            "payment-service.log", "postgres.log", "prometheus.log",
        ]);
        foreach (var log in logs)
        {
            var text = await File.ReadAllTextAsync(log, CancellationToken);
            text.Length.ShouldBeGreaterThan(0, log);
            passwords.ShouldAllBe(password => !text.Contains(password, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task All_processes_end_when_the_AppHost_is_killed()
    {
        await using var host = await AppHostProcess.StartHealthyAsync();
        Processes.With(AppHostProcess.Mark, host.Id).Count.ShouldBeGreaterThan(8);

        await host.SendAsync("KILL");

        await host.ExitAsync();
        await Processes.GoneAsync(AppHostProcess.Mark, host.Id);
    }

    [Fact]
    public async Task All_processes_end_when_the_AppHost_is_stopped_during_its_start()
    {
        await using var host = AppHostProcess.Start();
        await host.LineAsync("Starting");

        await host.SendAsync("TERM");

        await host.ExitAsync();
        await Processes.GoneAsync(AppHostProcess.Mark, host.Id);
    }

    private static async Task<IReadOnlyList<string>> PasswordsOfAsync(AppHostProcess host)
    {
        var parameters = await File.ReadAllTextAsync(Path.Combine(host.RunDirectory, "parameters.json"), CancellationToken);
        return [.. System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(parameters)!.Values];
    }
}
