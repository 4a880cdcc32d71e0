using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.Cli.Faults;

/// <summary>Follows the processes of the system, and separates ends that a fault explains from those that none explains.</summary>
internal sealed class SystemProcesses : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<string>> _replicas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SystemProcess> _running = new(StringComparer.Ordinal);
    private readonly HashSet<ProcessIdentity> _signalled = [];
    private readonly List<string> _unexplained = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private int _explained;

    public SystemProcesses(ResourceNotificationService notifications) => _watching = WatchAsync(notifications);

    /// <summary>Processes that ended because of a fault, and started again.</summary>
    public int Explained
    {
        get
        {
            lock (_gate)
            {
                return _explained;
            }
        }
    }

    /// <summary>Processes that ended and no fault explains it.</summary>
    public IReadOnlyList<string> Unexplained
    {
        get
        {
            lock (_gate)
            {
                return [.. _unexplained];
            }
        }
    }

    /// <summary>The process, if it runs now and is healthy.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="replica">Its number among the resource's processes, from 0.</param>
    public SystemProcess? Find(string resource, int replica)
    {
        lock (_gate)
        {
            return _replicas.TryGetValue(resource, out var ids) && replica < ids.Count
                && _running.TryGetValue(ids[replica], out var process)
                ? process
                : null;
        }
    }

    /// <summary>The end of this process, should it come, is the tool's doing.</summary>
    public void Expect(ProcessIdentity process)
    {
        lock (_gate)
        {
            _signalled.Add(process);
        }
    }

    /// <summary>From now on processes end because the system stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(ResourceNotificationService notifications)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(_stop.Token))
            {
                Follow(change);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private void Follow(ResourceEvent change)
    {
        var pid = change.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;
        var identity = pid is null ? null : ProcessIdentity.Of(Convert.ToInt32(pid, CultureInfo.InvariantCulture));
        lock (_gate)
        {
            if (_running.TryGetValue(change.ResourceId, out var before) && before.Identity != identity)
            {
                _running.Remove(change.ResourceId);
                NoteEnd(before, change.Snapshot);
            }

            if (identity is null)
            {
                return;
            }

            if (!_replicas.TryGetValue(change.Resource.Name, out var ids))
            {
                _replicas[change.Resource.Name] = ids = [];
            }

            if (!ids.Contains(change.ResourceId))
            {
                ids.Add(change.ResourceId);
            }

            _running[change.ResourceId] = new SystemProcess(
                $"{change.Resource.Name}/{ids.IndexOf(change.ResourceId) + 1}",
                identity,
                change.Snapshot.HealthStatus == HealthStatus.Healthy);
        }
    }

    private void NoteEnd(SystemProcess ended, CustomResourceSnapshot snapshot)
    {
        if (_signalled.Remove(ended.Identity))
        {
            _explained++;
        }
        else
        {
            var exit = snapshot.ExitCode is { } code
                ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}")
                : "exit code unknown";
            _unexplained.Add(
                $"{ended.Name} (pid {ended.Identity.Pid}) ended at {TimeProvider.System.GetUtcNow():HH:mm:ss.f} UTC with {exit}, "
                + "and no fault explains it");
        }
    }
}
