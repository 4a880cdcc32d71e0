using System.Diagnostics;
using OrderFlow.Benchmarks.CommandLine;

namespace OrderFlow.Benchmarks.Durable.OrderFlow;

/// <summary>
/// The AppHost of this checkout as a process, started as a user starts it, on free ports and in a directory of its own. It is stopped by
/// SIGTERM, also when this process ends in whatever way: a shell waits for that.
/// </summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    // Everything below it shall heed SIGINT, which what a script starts in the background ignores.
    private const string Guard = """
        exec 3<&0
        env --default-signal=INT "$@" </dev/null 3<&- &
        host=$!
        (cat <&3 >/dev/null; kill -TERM $host) &
        guard=$!
        wait $host
        code=$?
        kill $guard
        exit $code
        """;

    private const string Healthy = "Ctrl+C stops all of it.";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly string[] Ports =
    [
        "Gateway", "Dashboard", "Monitor", "Prometheus", "OrderService", "NotificationService", "PaymentService", "RabbitMQ",
        "RabbitMQManagement", "RabbitMQMetrics", "RabbitMQDistribution", "Epmd", "Postgres", "Alertmanager", "Grafana",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("orderflow-benchmark-").FullName;
    private readonly Process _process;
    private readonly List<string> _output = [];

    private AppHostProcess(IReadOnlyList<string> settings)
    {
        string[] ports = [.. Ports.Select(name => $"--Ports:{name}={FreePorts.Next()}")];
        // A session of its own: Ctrl-C is for who measures, and stops this one, too. The orchestrator makes another for what it starts.
        var start = new ProcessStartInfo(
            "setsid",
            ["sh", "-c", Guard, "apphost", Program, .. ports, $"--OrderFlow:RunDirectory={_directory}", "--Containers=false", .. settings])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = SourceTree.Root,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        // The closed loop keeps so many under way on purpose.
        start.Environment["PlaceOrder__LongestWait"] = "00:00:00";
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What the system says of itself: addresses and passwords.</summary>
    public string ConnectionFile => Path.Combine(_directory, "connection.json");

    private static string Program { get; } = Path.Combine(SourceTree.Root, "OrderFlow.AppHost/bin/Release/net10.0/OrderFlow.AppHost");

    /// <summary>Starts the system and waits until all of it is healthy.</summary>
    /// <exception cref="ComparisonException">It is not built, or does not become healthy.</exception>
    public static async Task<AppHostProcess> StartAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            throw new ComparisonException($"There is no {Program}. Build it: dotnet build -c Release OrderFlow.AppHost");
        }

        var host = new AppHostProcess(settings);
        try
        {
            await host.WaitUntilHealthyAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            Progress.Say($"OrderFlow did not stop within {StopTimeout.TotalSeconds} s");
        }

        _process.Dispose();
        TemporaryDirectories.Delete(_directory);
    }

    private async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.StartNew(); !(File.Exists(ConnectionFile) && Output().Contains(Healthy, StringComparison.Ordinal));)
        {
            if (_process.HasExited || since.Elapsed > StartTimeout)
            {
                throw new ComparisonException(
                    $"OrderFlow did not become healthy. What its processes said is in {KeepLogs()}. It said itself:\n{Output()}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? "");
        }
    }

    private string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output.TakeLast(40)).Trim();
        }
    }

    /// <summary>Copies the logs to where they stay.</summary>
    private string KeepLogs()
    {
        var kept = Directory.CreateTempSubdirectory("orderflow-benchmark-logs-").FullName;
        var logs = Path.Combine(_directory, "logs");
        foreach (var log in Directory.Exists(logs) ? Directory.EnumerateFiles(logs) : [])
        {
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)));
        }

        return kept;
    }
}
