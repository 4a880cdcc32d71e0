using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrderFlow.AppHost.Supervision;

/// <summary>
/// Ends the AppHost when Aspire's orchestrator, the process <c>dcp</c>, has ended: its processes have ended with it, and nobody can start
/// them again.
/// </summary>
internal sealed class OrchestratorWatch(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<OrchestratorWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            Process? orchestrator;
            while ((orchestrator = Find()) is null)
            {
                await Task.Delay(Pause, time, stopping.Token);
            }

            using (orchestrator)
            {
                await orchestrator.WaitForExitAsync(stopping.Token);
            }

            Log.OrchestratorEnded(logger);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The system stops.
        }
    }

    /// <summary>Its arguments name the process that it works for; its parent process does not, as it detaches itself.</summary>
    private static Process? Find() => Process.GetProcessesByName("dcp").FirstOrDefault(process =>
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
            return arguments is [_, "start-apiserver", "--monitor", var monitored, ..]
                && monitored == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return false;
        }
    });
}
