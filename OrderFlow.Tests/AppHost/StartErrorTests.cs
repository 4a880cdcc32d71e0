using System.Net;
using System.Net.Sockets;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.AppHost;

namespace OrderFlow.Tests.AppHost;

/// <summary>What is wrong is said in a line each, before anything starts, and nothing else is said.</summary>
public sealed class StartErrorTests
{
    [Fact]
    public async Task Wrong_settings_are_all_named_with_what_would_be_right()
    {
        var (code, lines, _) = await StartAsync(
            "--Replicas:Gateway=many", "--Simulation:FailureRate=2", "--Simulation:PaymentLatency=2d", "--Orders:PaymentTimeout=0s",
            "--Simulation:SilentRate=-1", "--Observability:Monitor=perhaps", "--Simulation:Work=maybe", "--Messaging:RetryTiers=5s,soon",
            "--Parameters:monitor-token=short",
            "--Parameters:messaging-user=gateway", "--Parameters:postgres-user=order_service");

        code.ShouldBe(1);
        lines.Order(StringComparer.Ordinal).ShouldBe(
        [
            "Setting Messaging:RetryTiers is '5s,soon'; it must be delays of up to 24h, such as 5s,30s,2m.",
            "Setting Observability:Monitor is 'perhaps'; it must be true or false.",
            "Setting Orders:PaymentTimeout is '0s'; it must be a time from 1s to 720h, such as 30s or 15m.",
            "Setting Parameters:messaging-user is 'gateway'; that is the user of gateway. Choose another name.",
            "Setting Parameters:monitor-token has 5 characters; it must have at least 16. Leave it out, and one is made at every start.",
            "Setting Parameters:postgres-user is 'order_service'; that is the user of order-service. Choose another name.",
            "Setting Replicas:Gateway is 'many'; it must be a number from 1 to 32.",
            "Setting Simulation:FailureRate is '2'; it must be a number from 0 to 1.",
            "Setting Simulation:PaymentLatency is '2d'; it must be a time from 0s to 60s, such as 2s or 500ms.",
            "Setting Simulation:SilentRate is '-1'; it must be a number from 0 to 1.",
            "error: Setting Simulation:Work is 'maybe'; it must be true or false.",
        ]);
    }

    [Theory]
    [InlineData(
        "--Simulation:Wrok=true", "error: There is no setting Simulation:Wrok. Did you mean --Simulation:Work=…? All settings: --help")]
    [InlineData("--Port:Gateway=8000", "error: There is no setting Port:Gateway. Did you mean --Ports:Gateway=…? All settings: --help")]
    [InlineData("please", "error: Argument 'please' is no setting; one looks like --Ports:Gateway=8080.")]
    public async Task A_setting_that_nothing_reads_is_named_with_the_nearest_one(string argument, string expected)
    {
        var (code, lines, _) = await StartAsync(argument);

        code.ShouldBe(1);
        lines.ShouldBe([expected]);
    }

    [Fact]
    public async Task A_setting_that_nothing_reads_may_come_from_the_environment()
    {
        await using var host =
            AppHostProcess.Start(new Dictionary<string, string>(StringComparer.Ordinal) { ["Replicas__Monitors"] = "2" });

        (await host.ExitAsync()).ShouldBe(1);
        host.Output.Trim()
            .ShouldBe("error: There is no setting Replicas:Monitors. Did you mean --Replicas:Monitor=…? All settings: --help");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_its_setting()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;

        var (code, lines, left) = await StartAsync($"--Ports:Gateway={port}");

        code.ShouldBe(1);
        lines.ShouldBe(
            [
                $"error: Port {port} for Gateway is taken. "
                + $"Stop what listens there (ss -ltnp 'sport = :{port}' shows it), or choose another port: --Ports:Gateway=…",
            ]);
        left.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_port_that_is_wanted_twice_is_named_with_both_settings()
    {
        var port = FreePorts.Next();

        var (code, lines, _) = await StartAsync($"--Ports:Gateway={port}", $"--Ports:Epmd={port}");

        code.ShouldBe(1);
        lines.ShouldBe([$"error: Port {port} is wanted by Ports:Gateway and Ports:Epmd."]);
    }

    [Fact]
    public async Task A_missing_program_is_named_with_how_to_install_it()
    {
        var (code, lines, left) =
            await StartAsync(
                "--Containers=false", "--Programs:Prometheus=/nowhere/prometheus", "--Programs:RabbitMQHome=/nowhere",
                "--Programs:PostgresBin=/nowhere");

        code.ShouldBe(1);
        lines.ShouldBe(
        [
            "error: There is no /nowhere/bin/rabbitmq-server. Install it: sudo apt-get install rabbitmq-server",
            "There is no /nowhere/initdb. Install it: sudo apt-get install postgresql",
            "There is no /nowhere/prometheus. Install it: sudo apt-get install prometheus",
        ]);
        left.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_directory_that_another_system_uses_is_named()
    {
        using var directory = new TemporaryDirectory();
        await using var held = new FileStream(directory.In("lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);

        var (code, lines, _) = await StartAsync($"--OrderFlow:RunDirectory={directory.FullPath}");

        code.ShouldBe(1);
        lines.ShouldBe(
            [
                $"error: Another system runs in {directory.FullPath}. "
                + "Stop it, or give this one a directory of its own: --OrderFlow:RunDirectory=…",
            ]);
    }

    [Fact]
    public async Task Help_lists_the_settings_and_starts_nothing()
    {
        var (code, lines, left) = await StartAsync("--help");

        code.ShouldBe(0);
        lines.ShouldContain("  --Ports:Gateway=8080                 orders are posted here");
        left.ShouldBeEmpty();
    }

    private static async Task<(int Code, string[] Lines, IReadOnlyList<int> Left)> StartAsync(params string[] settings)
    {
        await using var host = AppHostProcess.Start(settings);
        var code = await host.ExitAsync();
        return (code, host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Processes.With(AppHostProcess.Mark, host.Id));
    }
}
