using System.Diagnostics;
using System.Globalization;
using OrderFlow.Benchmarks.CommandLine;

namespace OrderFlow.Benchmarks.Services;

/// <summary>A service of OrderFlow.Benchmarks.Services as a process; it ends with this one, however that ends.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;

    private ServiceProcess(Process process, string name) => (_process, Name) = (process, name);

    public string Name { get; }

    /// <summary>Starts the service and waits until it is ready.</summary>
    /// <param name="implementation">Such as <c>bare</c>.</param>
    /// <param name="role">Such as <c>order-service</c>.</param>
    /// <param name="port">Where the Gateway listens.</param>
    /// <param name="environment">Where broker and database are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ServiceProcess> StartAsync(
        string implementation, string role, int port, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        // In the session of the servers, see NodeProcess. Ctrl-C is for who measures, and ends this one, too.
        var start = new ProcessStartInfo(
            "env", ["--ignore-signal=INT", Program, implementation, role, port.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        // Idle pool threads sleep at once instead of spinning on what the others need.
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        var service = new ServiceProcess(Process.Start(start)!, $"{implementation} {role}");
        try
        {
            while (await service.ReadAsync(cancellationToken) != "ready")
            {
            }

            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command and returns the line that answers it.</summary>
    public async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Ends it with SIGKILL: every implementation has to survive that.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken)
            ?? throw new ComparisonException($"{Name} ended; what it said is above.");

    /// <summary>Of the same configuration and framework as this program: <c>bin/Release/net10.0</c>.</summary>
    private static string Program { get; } = Path.Combine(
        SourceTree.Root, "tools/OrderFlow.Benchmarks.Services",
        Path.Combine(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..]),
        "OrderFlow.Benchmarks.Services");
}
