using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using OrderFlow.AppHost.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

/// <summary>A RabbitMQ node of its own: own directory, ports, user. It ends with the test process, however that ends.</summary>
public sealed class RabbitNode : IAsyncDisposable
{
    // Holds the node's standard input open: when this process is gone, so is the pipe, and the guard kills the group.
    private const string Guard =
        """
        exec 3<&0
        "$0" </dev/null &
        node=$!
        (cat <&3 >/dev/null; kill -KILL 0) &
        wait $node
        kill -KILL 0
        """;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly string directory = Directory.CreateTempSubdirectory("orderflow-broker-").FullName;
    private readonly string password = RandomNumberGenerator.GetHexString(24, lowercase: true);
    private readonly Dictionary<string, string> environment;
    private readonly int amqpPort = FreePort();
    private readonly int managementPort = FreePort();
    private readonly List<string> output = [];
    private Process? process;

    public RabbitNode()
        : this([])
    {
    }

    /// <summary>A node with users of services besides the one who may do everything.</summary>
    internal RabbitNode(IReadOnlyList<(BrokerUser User, string Password)> services)
    {
        environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NODE_DIRECTORY"] = directory,
            ["NODE_USER"] = "orderflow",
            ["NODE_PASSWORD"] = password,
            ["NODE_AMQP_PORT"] = $"{amqpPort}",
            ["NODE_MANAGEMENT_PORT"] = $"{managementPort}",
            ["NODE_METRICS_PORT"] = $"{FreePort()}",
            ["NODE_DIST_PORT"] = $"{FreePort()}",
            ["NODE_EPMD_PORT"] = $"{FreePort()}",
        };
        if (services.Count > 0)
        {
            var administrator = (new BrokerUser("orderflow", ".*", ".*", ".*"), password, "administrator");
            environment["NODE_DEFINITIONS"] = BrokerDefinitions.Write([administrator, .. services.Select(service => (service.User, service.Password, "management"))]);
        }

        ConnectionString = $"amqp://orderflow:{password}@127.0.0.1:{amqpPort}";
        Management = new Management(managementPort, "orderflow", password);
    }

    public string ConnectionString { get; }

    public Management Management { get; }

    public Uri ManagementUrl => new($"http://127.0.0.1:{managementPort}/");

    public string Password => password;

    public int Port => amqpPort;

    /// <summary>Where the node tells Prometheus its metrics.</summary>
    public Uri Metrics => new($"http://127.0.0.1:{environment["NODE_METRICS_PORT"]}/metrics");

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("setsid")
        {
            ArgumentList = { "sh", "-c", Guard, Repository.File("OrderFlow.AppHost/RabbitMQ/rabbitmq-node.sh") },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"The node ended while starting. It said:\n{Output()}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartTimeout);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The node did not start within {StartTimeout.TotalSeconds} s. It said:\n{Output()}", exception);
        }

        void Read(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (output)
            {
                output.Add(line);
            }

            // Newer brokers end the line with a count; an open port may be another node's.
            if (line.Contains("Starting broker... completed", StringComparison.Ordinal) || line.Contains("completed with", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        }
    }

    /// <summary>SIGKILL to the node and everything it started.</summary>
    public async Task KillAsync() => await SignalAsync("KILL", wait: true);

    /// <summary>SIGSTOP: the node's connections stay open and nothing answers.</summary>
    public async Task FreezeAsync()
    {
        await SignalAsync("STOP", wait: false);
        // The threads go on until one of them, which may have to wait for a processor, has taken the signal for all.
        await Wait.UntilAsync("every thread of the node stands still", () => Processes.ThreadStates(process!.Id).All(state => state is 'T' or 'Z'));
    }

    public async Task ThawAsync() => await SignalAsync("CONT", wait: false);

    /// <summary>Runs <c>rabbitmqctl</c> against the node.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/lib/rabbitmq/bin/rabbitmqctl", ["-n", "orderflow@localhost", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["HOME"] = directory;
        start.Environment["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(directory, "rabbitmq-env.conf");
        start.Environment["ERL_EPMD_PORT"] = environment["NODE_EPMD_PORT"];
        start.Environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        using var control = Process.Start(start)!;
        var said = await Task.WhenAll(control.StandardOutput.ReadToEndAsync(), control.StandardError.ReadToEndAsync());
        await control.WaitForExitAsync();
        if (control.ExitCode != 0)
        {
            throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)} failed: {string.Concat(said)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Management.Dispose();
        if (process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(directory, recursive: true);
    }

    private async Task SignalAsync(string signal, bool wait)
    {
        if (process is { HasExited: false } running)
        {
            using var kill = Process.Start("kill", [$"-{signal}", "--", $"-{running.Id}"]);
            await kill.WaitForExitAsync();
            if (wait)
            {
                await running.WaitForExitAsync();
                running.Dispose();
                process = null;
            }
        }
    }

    private string Output()
    {
        lock (output)
        {
            return string.Join('\n', output.TakeLast(40));
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
