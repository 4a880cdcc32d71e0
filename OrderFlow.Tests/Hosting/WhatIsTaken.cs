using System.Net;
using System.Net.Sockets;
using OrderFlow.Hosting.Running;

namespace OrderFlow.Tests.Hosting;

public sealed class WhatIsTaken
{
    private static readonly string[] Names =
        ["Gateway", "OrderService", "NotificationService", "Prometheus", "RabbitMQ", "RabbitMQManagement", "RabbitMQMetrics", "RabbitMQDistribution", "Epmd"];

    [Fact]
    public async Task Ports_are_said_with_the_resource_the_port_and_its_holder()
    {
        using var holder = Listen();
        await using var app = new LocalApp("--DcpPublisher:RandomizePorts=false");
        app.AddScript("web", "exec sleep 1000").WithHttpEndpoint(port: holder.Port);

        var failure = await Should.ThrowAsync<DistributedApplicationException>(app.StartAsync);

        failure.Message.ShouldStartWith($"Port {holder.Port}, for endpoint 'http' of resource 'web', is taken by process {Environment.ProcessId} (");
    }

    [Fact]
    public async Task Ports_are_said_when_two_resources_want_the_same()
    {
        var port = LoopbackPorts.TakeFree(20_000);
        await using var app = new LocalApp("--DcpPublisher:RandomizePorts=false");
        app.AddScript("one", "exec sleep 1000").WithHttpEndpoint(port: port);
        app.AddScript("two", "exec sleep 1000").WithHttpEndpoint(port: port);

        var failure = await Should.ThrowAsync<DistributedApplicationException>(app.StartAsync);

        failure.Message.ShouldBe($"Port {port} is wanted more than once: endpoint 'http' of resource 'one', endpoint 'http' of resource 'two'.");
    }

    [Fact]
    public async Task Ports_of_the_AppHost_end_it_with_one_error_that_names_the_setting()
    {
        using var holder = Listen();
        await using var host = await AppHostProcess.StartAsync(["--DcpPublisher:RandomizePorts=false", .. FreePorts(), $"--Ports:Gateway={holder.Port}"]);

        (await host.ExitAsync()).ShouldBe(1);

        host.Output.Trim().ShouldBe($"error: Port {holder.Port} for Gateway is taken by process {Environment.ProcessId} ({File.ReadAllText("/proc/self/comm").Trim()}). Stop that, or choose another port: --Ports:Gateway=…");
        Processes.With(AppHostProcess.Mark, host.Id).ShouldBeEmpty();
    }

    [Fact]
    public async Task And_every_other_wrong_setting_come_in_one_error()
    {
        await using var host = await AppHostProcess.StartAsync("--Replicas:Gateway=many", "--Simulation:FailureRate=2", "--Simulation:PaymentLatency=2h", "--Simulation:Work=maybe");

        (await host.ExitAsync()).ShouldBe(1);

        host.Output.Trim().Split('\n').Order().ShouldBe(
        [
            "Setting Replicas:Gateway is 'many'; it must be a number from 1 to 32.",
            "Setting Simulation:FailureRate is '2'; it must be a number from 0 to 1.",
            "Setting Simulation:PaymentLatency is '2h'; it must be a time from 0s to 60s, such as 2s or 500ms.",
            "error: Setting Simulation:Work is 'maybe'; it must be true or false.",
        ]);
    }

    [Fact]
    public async Task And_a_run_directory_that_is_taken_is_said_too()
    {
        await using var first = await AppHostProcess.StartAsync();
        await first.LineAsync("●");
        await using var second = await AppHostProcess.StartAsync($"--OrderFlow:RunDirectory={first.RunDirectory}");

        (await second.ExitAsync()).ShouldBe(1);

        second.Output.Trim().ShouldBe($"error: Another system runs in {first.RunDirectory}. Stop it, or give this one a directory of its own: --OrderFlow:RunDirectory=…");
    }

    [Fact]
    public async Task Ports_of_the_broker_are_avoided_when_nobody_chose_them()
    {
        using var holder = LoopbackPorts.IsFree(5672) ? Listen(5672) : null;
        string[] free = [.. FreePorts().Where(setting => !setting.StartsWith("--Ports:RabbitMQ=", StringComparison.Ordinal))];
        await using var host = await AppHostProcess.StartAsync(["--DcpPublisher:RandomizePorts=false", .. free]);

        await host.LineAsync("Port 5672 for RabbitMQ is taken");
        await host.LineAsync("messaging            ● running");
    }

    private static string[] FreePorts() => [.. Names.Select(name => $"--Ports:{name}={LoopbackPorts.TakeFree(20_000)}")];

    private static Holder Listen(int port = 0) => new(port);

    private sealed class Holder : IDisposable
    {
        private readonly TcpListener _listener;

        public Holder(int port)
        {
            _listener = new(IPAddress.Loopback, port);
            _listener.Start();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();
    }
}
