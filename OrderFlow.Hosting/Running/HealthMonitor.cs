using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Runs a resource's health checks: often until they pass, then every few seconds, and often again after a restart.</summary>
internal sealed class HealthMonitor(IResource resource, IReadOnlyList<ResourceProcess> processes, Engine engine, Func<CancellationToken, Task> becameReady)
{
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WhileStartingSlowly = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _keys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key)];
    private bool _wasReady;
    private bool _wasHealthy;

    public async Task RunAsync(CancellationToken ended)
    {
        try
        {
            var since = engine.Time.GetTimestamp();
            while (true)
            {
                ended.ThrowIfCancellationRequested();
                var changed = Task.WhenAny(processes.Select(process => process.Changed));
                if (!processes.All(process => process.IsRunning))
                {
                    // One that is down is told about by its process; what is interesting is when all are up again.
                    _wasHealthy = false;
                    await changed.WaitAsync(ended);
                    since = engine.Time.GetTimestamp();
                    continue;
                }

                var healthy = await CheckAsync(since, ended);
                var pause = healthy ? WhileHealthy : engine.Time.GetElapsedTime(since) < SlowStart ? WhileStarting : WhileStartingSlowly;
                await Task.WhenAny(changed, Task.Delay(pause, engine.Time, ended));
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The resource has ended; there is nothing left to check.
        }
    }

    private async Task<bool> CheckAsync(long since, CancellationToken ended)
    {
        var report = await engine.HealthChecks.CheckHealthAsync(check => _keys.Contains(check.Name), ended);
        if (!processes.All(process => process.IsRunning))
        {
            return false;
        }

        var healthy = report.Status == HealthStatus.Healthy;
        foreach (var process in processes)
        {
            if (healthy)
            {
                process.HealthySince ??= engine.Time.GetTimestamp();
            }

            Publish(process, report);
        }

        await TellAsync(healthy, report, since, ended);
        return healthy;
    }

    private void Publish(ResourceProcess process, HealthReport report) => process.Publish(snapshot =>
        snapshot.State?.Text == KnownResourceStates.Running && Differs(snapshot, report)
            ? snapshot with { HealthReports = [.. report.Entries.Select(entry => ToSnapshot(entry.Key, entry.Value))] }
            : snapshot);

    private static bool Differs(CustomResourceSnapshot snapshot, HealthReport report) =>
        snapshot.HealthReports.Any(known => !report.Entries.TryGetValue(known.Name, out var now) || known.Status != now.Status || known.Description != now.Description);

    private HealthReportSnapshot ToSnapshot(string name, HealthReportEntry entry) =>
        new(name, entry.Status, entry.Description, entry.Exception?.ToString()) { LastRunAt = engine.Time.GetUtcNow().UtcDateTime };

    private async Task TellAsync(bool healthy, HealthReport report, long since, CancellationToken ended)
    {
        if (healthy && !_wasHealthy)
        {
            engine.Report.State(resource.Name, $"healthy after {engine.Time.GetElapsedTime(since).TotalSeconds:0.0} s");
        }
        else if (!healthy && _wasHealthy)
        {
            engine.Report.Problem(resource.Name, $"not healthy: {Reason(report)}");
        }

        _wasHealthy = healthy;
        if (healthy && !_wasReady)
        {
            _wasReady = true;
            await becameReady(ended);
        }
    }

    private static string Reason(HealthReport report) =>
        string.Join("; ", report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => entry.Value.Description ?? entry.Value.Exception?.Message ?? entry.Key));
}
