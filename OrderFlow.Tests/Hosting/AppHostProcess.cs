using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using OrderFlow.Hosting.Running;
using OrderFlow.Tests.Messaging;

namespace OrderFlow.Tests.Hosting;

/// <summary>The real AppHost as a process of its own, on free ports, with everything it writes in a temporary directory.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    /// <summary>A variable that every process under the AppHost inherits.</summary>
    public const string Mark = "ORDERFLOW_TEST_HOST";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private AppHostProcess(Func<string, ProcessStartInfo> command)
    {
        var start = command(_directory.FullPath);
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment[Mark] = Id;
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

    public static Task<AppHostProcess> StartAsync(params string[] settings) =>
        Task.FromResult(new AppHostProcess(directory => new(Program, Settings(directory, settings))));

    /// <summary>Starts it as <c>run.sh</c> does, with a parent that can be killed.</summary>
    public static async Task<AppHostProcess> StartUnderStarterAsync()
    {
        var host = new AppHostProcess(directory =>
        {
            var starter = Path.Combine(directory, "run.sh");
            File.WriteAllText(starter, "\"$@\"\nexit $?\n");
            return new ProcessStartInfo("/bin/sh", [starter, Program, .. Settings(directory, [])]);
        });
        await host.LineAsync("●");
        return host;
    }

    public void Send(int signal) => Posix.Kill(_process.Id, signal).ShouldBe(0);

    public Task LineAsync(string part) => Wait.UntilAsync(
        () => Output,
        () => _lines.Any(line => line.Contains(part, StringComparison.Ordinal)),
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

    private static string Program { get; } = Repository.File(
        $"OrderFlow.AppHost/bin/{typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration}/net10.0/OrderFlow.AppHost");

    private static string[] Settings(string directory, string[] more) =>
        ["--DcpPublisher:RandomizePorts=true", $"--OrderFlow:RunDirectory={directory}", .. more];
}
