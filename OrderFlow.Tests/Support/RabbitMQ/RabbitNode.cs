using System.Diagnostics;
using System.Security.Cryptography;
using OrderFlow.AppHost.RabbitMQ;

namespace OrderFlow.Tests.Support.RabbitMQ;

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
    private readonly string _directory = Directory.CreateTempSubdirectory("orderflow-broker-").FullName;
    private readonly string _password = RandomNumberGenerator.GetHexString(24, lowercase: true);
    private readonly Dictionary<string, string> _environment;
    private readonly int _amqpPort = FreePorts.Next();
    private readonly int _managementPort = FreePorts.Next();
    private readonly List<string> _output = [];
    private Process? _process;

    public RabbitNode()
        : this([])
    {
    }

    /// <summary>A node with users of services besides the one who may do everything.</summary>
    internal RabbitNode(IReadOnlyList<(BrokerUser User, string Password)> services)
    {
        _environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NODE_DIRECTORY"] = _directory,
            ["NODE_USER"] = "orderflow",
            ["NODE_PASSWORD"] = _password,
            ["NODE_AMQP_PORT"] = $"{_amqpPort}",
            ["NODE_MANAGEMENT_PORT"] = $"{_managementPort}",
            ["NODE_METRICS_PORT"] = $"{FreePorts.Next()}",
            ["NODE_DIST_PORT"] = $"{FreePorts.Next()}",
            ["NODE_EPMD_PORT"] = $"{FreePorts.Next()}",
        };
        if (services.Count > 0)
        {
            var administrator = (new BrokerUser("orderflow", ".*", ".*", ".*"), _password, "administrator");
            _environment["NODE_DEFINITIONS"] = BrokerDefinitions.Write(
                [administrator, .. services.Select(service => (service.User, service.Password, "management"))]);
        }

        ConnectionString = $"amqp://orderflow:{_password}@127.0.0.1:{_amqpPort}";
        Management = new Management(_managementPort, "orderflow", _password);
    }

    public string ConnectionString { get; }

    public Management Management { get; }

    public Uri ManagementUrl => new($"http://127.0.0.1:{_managementPort}/");

    public string Password => _password;

    public int Port => _amqpPort;

    /// <summary>Where Prometheus scrapes the node.</summary>
    public Uri Metrics => new($"http://127.0.0.1:{_environment["NODE_METRICS_PORT"]}/metrics");

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
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => ready.TrySetException(
            new InvalidOperationException($"The node ended while starting. It said:\n{Output()}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
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

            lock (_output)
            {
                _output.Add(line);
            }

            // Newer brokers end the line with a count; an open port may be another node's.
            if (line.Contains("Starting broker... completed", StringComparison.Ordinal)
                || line.Contains("completed with", StringComparison.Ordinal))
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
        await Wait.UntilAsync(
            "every thread of the node stands still", () => Processes.ThreadStates(_process!.Id).All(state => state is 'T' or 'Z'));
    }

    public async Task ThawAsync() => await SignalAsync("CONT", wait: false);

    /// <summary>Runs <c>rabbitmqctl</c> against the node.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/lib/rabbitmq/bin/rabbitmqctl", ["-n", "orderflow@localhost", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["HOME"] = _directory;
        start.Environment["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_directory, "rabbitmq-env.conf");
        start.Environment["ERL_EPMD_PORT"] = _environment["NODE_EPMD_PORT"];
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
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task SignalAsync(string signal, bool wait)
    {
        if (_process is { HasExited: false } running)
        {
            using var kill = Process.Start("kill", [$"-{signal}", "--", $"-{running.Id}"]);
            await kill.WaitForExitAsync();
            if (wait)
            {
                await running.WaitForExitAsync();
                running.Dispose();
                _process = null;
            }
        }
    }

    private string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output.TakeLast(40));
        }
    }
}
