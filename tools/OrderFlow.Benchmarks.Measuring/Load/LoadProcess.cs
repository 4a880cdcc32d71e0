using System.Diagnostics;
using System.Globalization;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>
/// A load in a process of its own, so that what it uses is not taken for the use of what measures. It ends with this process.
/// </summary>
public sealed class LoadProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly LoadSettings _settings;

    private LoadProcess(Process process, LoadSettings settings) => (_process, _settings) = (process, settings);

    /// <summary>Starts the process; it offers nothing yet.</summary>
    public static async Task<LoadProcess> StartAsync(LoadSettings settings, CancellationToken cancellationToken)
    {
        string[] numbers =
        [
            .. new[] { settings.Port, settings.Seconds, settings.Rate, settings.Connections, settings.InFlight, settings.Ramp }
                .Select(number => number.ToString("R", CultureInfo.InvariantCulture)),
        ];
        // A session of its own: Ctrl-C is for who measures, and ends this one, too.
        var start = new ProcessStartInfo(
            "setsid", [Path.Combine(AppContext.BaseDirectory, "OrderFlow.Benchmarks"), LoadProtocol.Verb, .. numbers])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // An answer is taken where it arrives, without a hop to another thread: half the processor time.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1";
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        var load = new LoadProcess(Process.Start(start)!, settings);
        try
        {
            if (await load.ReadAsync(StartTimeout, cancellationToken) != LoadProtocol.Ready)
            {
                throw new InvalidOperationException("The load ended while it started; what it said is above.");
            }

            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has it offer orders from now on.</summary>
    public void Begin() => Write(LoadProtocol.Begin);

    /// <summary>Tells a closed loop how many orders have come to their end since its beginning.</summary>
    public void Ended(long orders) => Write(string.Create(CultureInfo.InvariantCulture, $"{LoadProtocol.Ended} {orders}"));

    /// <summary>Ends a closed loop before its time.</summary>
    public void Stop() => Write(LoadProtocol.Stop);

    /// <summary>Waits for its end, and stays there to have its processor time read.</summary>
    public async Task<LoadResult> ResultAsync(CancellationToken cancellationToken)
    {
        var line = await ReadAsync(TimeSpan.FromSeconds(_settings.Seconds) + TimeSpan.FromSeconds(60), cancellationToken);
        return LoadResult.Read(line ?? throw new InvalidOperationException("The load ended without a result; what it said is above."));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended, and with it the pipe.
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Write(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    private async Task<string?> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(timeout, cancellationToken);
}
