using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Support.AppHost;

/// <summary>The real AppHost as a process of its own, on free ports, with everything it writes in a temporary directory.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    /// <summary>A variable that every process under the AppHost inherits.</summary>
    public const string Mark = "ORDERFLOW_TEST_HOST";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string[] Ports =
        ["Gateway", "Dashboard", "Monitor", "Prometheus", "OrderService", "NotificationService", "PaymentService", "RabbitMQ",
            "RabbitMQManagement", "RabbitMQMetrics", "RabbitMQDistribution", "Epmd", "Postgres", "Alertmanager", "Grafana"];

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private AppHostProcess(IReadOnlyList<string> settings, IReadOnlyDictionary<string, string>? environment = null, string? program = null)
    {
        string[] free = [
            .. Ports.Where(name => !settings.Any(setting => setting.StartsWith($"--Ports:{name}=", StringComparison.Ordinal)))
                .Select(name => $"--Ports:{name}={FreePorts.Next()}")];
        string[] directory = settings.Any(setting => setting.StartsWith("--OrderFlow:RunDirectory=", StringComparison.Ordinal))
            ? []
            : [$"--OrderFlow:RunDirectory={RunDirectory}"];
        // Tests that run in the background of a script ignore SIGINT, and so would everything that they start.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", program ?? Program, .. free, .. directory, .. settings])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Repository.File("OrderFlow.sln")),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        start.Environment[Mark] = Id;
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public string RunDirectory => _directory.FullPath;

    public string Output => string.Join('\n', _lines);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    private static string Configuration { get; } =
        typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private static string Program { get; } = Repository.File($"OrderFlow.AppHost/bin/{Configuration}/net10.0/OrderFlow.AppHost");

    public static AppHostProcess Start(params IReadOnlyList<string> settings) => new(settings);

    public static AppHostProcess Start(IReadOnlyDictionary<string, string> environment) => new([], environment);

    /// <summary>Starts the system and waits until it says that all of it is healthy.</summary>
    public static Task<AppHostProcess> StartHealthyAsync(params IReadOnlyList<string> settings) =>
        StartProgramHealthyAsync(Program, settings);

    /// <summary>The same of another AppHost than the repository's.</summary>
    /// <param name="program">The built program.</param>
    /// <param name="settings">Its arguments.</param>
    public static async Task<AppHostProcess> StartProgramHealthyAsync(string program, params IReadOnlyList<string> settings)
    {
        var host = new AppHostProcess(settings, program: program);
        try
        {
            await host.LineAsync("Ctrl+C stops all of it.");
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address that the start report names.</summary>
    /// <param name="of">For example <c>Aspire dashboard</c>.</param>
    public Uri Url(string of) =>
        new(Regex.Match(
            Output, $@"^ +{Regex.Escape(of)} +(?<url>http\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture,
            TimeSpan.FromSeconds(1)).Groups["url"].Value);

    /// <param name="signal">A name, such as <c>TERM</c>.</param>
    public async Task SendAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken);
        kill.ExitCode.ShouldBe(0);
    }

    public Task LineAsync(string part) => Wait.UntilAsync(
        () => Output,
        () => _process.HasExited
            ? throw new InvalidOperationException(
                $"The AppHost ended with exit code {_process.ExitCode} before it said '{part}':\n{Output}")
            : _lines.Any(line => line.Contains(part, StringComparison.Ordinal)),
        Patience);

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken).WaitAsync(Patience, CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await Processes.GoneAsync(Mark, Id);
        _process.Dispose();
        _directory.Dispose();
    }
}
