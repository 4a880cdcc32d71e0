using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrderFlow.AppHost.Supervision;

/// <summary>
/// Starts every process of every resource again when it ends without having been asked to: Aspire leaves it as it is. A stop by the user,
/// in the dashboard or with Ctrl+C, is no crash.
/// </summary>
internal sealed class Supervisor(
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    ResourceLoggerService resourceLogs,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<Supervisor> logger) : BackgroundService
{
    private const string Restarting = "Restarting";
    private readonly ConcurrentDictionary<string, SupervisedProcess> _processes = new(StringComparer.Ordinal);

    /// <summary>The user wants this process to end; it stays so until it is started again.</summary>
    /// <param name="resourceId">The process, such as <c>gateway-xdxrqqmz</c>.</param>
    public void StoppedByUser(string resourceId) => ProcessOf(resourceId).Stop();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping.Token))
            {
                Follow(change, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // From now on processes end because the system does.
        }
    }

    private void Follow(ResourceEvent change, CancellationToken stopping)
    {
        if (change.Resource is not (ProjectResource or ExecutableResource or ContainerResource)
            || change.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
        {
            return;
        }

        var process = ProcessOf(change.ResourceId);
        var state = change.Snapshot.State?.Text;
        if (state == KnownResourceStates.Running)
        {
            process.Started();
        }
        else if (state == KnownResourceStates.Stopping)
        {
            process.Stop();
        }
        else if (KnownResourceStates.TerminalStates.Contains(state) && process.Crashed() is { } restart)
        {
            _ = StartAgainAsync(change, process, restart, stopping);
        }
    }

    private async Task StartAgainAsync(ResourceEvent crash, SupervisedProcess process, Restart restart, CancellationToken stopping)
    {
        var reason = Reason(crash.Snapshot);
        Log.Crashed(logger, crash.Resource.Name, reason, restart.Pause.TotalSeconds, restart.Crashes);
        Log.Crashed(resourceLogs.GetLogger(crash.ResourceId), crash.Resource.Name, reason, restart.Pause.TotalSeconds, restart.Crashes);
        try
        {
            await notifications.PublishUpdateAsync(
                crash.Resource, crash.ResourceId, snapshot => snapshot with { State = new(Restarting, KnownResourceStateStyles.Warn) });
            await Task.WhenAny(Task.Delay(restart.Pause, time, stopping), restart.Cancelled);
            stopping.ThrowIfCancellationRequested();
            if (restart.Cancelled.IsCompleted)
            {
                await ShowStoppedAsync(crash);
                return;
            }

            var started = await commands.ExecuteCommandAsync(crash.ResourceId, KnownResourceCommands.StartCommand, stopping);
            stopping.ThrowIfCancellationRequested();
            process.StartedAgain(restart);
            if (!started.Success)
            {
                Log.NotStarted(logger, crash.Resource.Name, started.Message ?? "no reason given", null);
                Follow(crash, stopping);
            }
            else if (notifications.TryGetCurrentState(crash.ResourceId, out var now))
            {
                // It may have ended already.
                Follow(now, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The system stops.
        }
        catch (Exception failure)
        {
            // One that cannot be started must not take the others' supervision along.
            Log.NotStarted(logger, crash.Resource.Name, failure.Message, failure);
            process.StartedAgain(restart);
            Follow(crash, stopping);
        }
    }

    /// <summary>The user stopped it while it waited, unless it runs already because the user started it.</summary>
    private Task ShowStoppedAsync(ResourceEvent crash) => notifications.PublishUpdateAsync(
        crash.Resource, crash.ResourceId,
        snapshot => snapshot.State?.Text == Restarting ? snapshot with { State = KnownResourceStates.Exited } : snapshot);

    private SupervisedProcess ProcessOf(string resourceId) => _processes.GetOrAdd(resourceId, _ => new(new RestartPause(time)));

    private static string Reason(CustomResourceSnapshot snapshot) =>
        snapshot.ExitCode is { } code ? $"ended with exit code {code}" : $"is {snapshot.State?.Text}";
}
