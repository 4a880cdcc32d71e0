using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>Knows the state of every resource and tells everybody who watches.</summary>
public sealed class ResourceNotificationService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly CancellationToken _stopping;

    internal ResourceNotificationService(IHostApplicationLifetime lifetime) => _stopping = lifetime.ApplicationStopping;

    /// <summary>Every resource as it is now, then every change, until the token is cancelled or the application is gone.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_gate)
        {
            foreach (var known in _current.Values)
            {
                channel.Writer.TryWrite(known);
            }

            _watchers.Add(channel);
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
            await foreach (var change in channel.Reader.ReadAllAsync(either.Token))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel);
            }
        }
    }

    /// <summary>Waits until a process of the resource is in the state, <c>Running</c> by default.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, e => e.Snapshot.State?.Text == (targetState ?? KnownResourceStates.Running), cancellationToken);

    /// <summary>Waits until a process of the resource is in one of the states, and says in which.</summary>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        string[] states = [.. targetStates];
        var reached = await WaitForResourceAsync(resourceName, e => states.Contains(e.Snapshot.State?.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits for a change of the resource, or a present state of it, that fits.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the application stopped first.</exception>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping);
        await foreach (var change in WatchAsync(either.Token))
        {
            if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException($"The application was gone before resource '{resourceName}' got into the state that was waited for.");
    }

    /// <summary>Waits until the resource is healthy.</summary>
    /// <exception cref="DistributedApplicationException">It could not start, or it ended.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.StopOnResourceUnavailable, cancellationToken);

    /// <summary>Waits until the resource is healthy.</summary>
    /// <exception cref="DistributedApplicationException">It could not start, or it ended, and the behaviour is to stop then.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var end = await WaitForResourceAsync(
            resourceName,
            e => e.Snapshot.HealthStatus == HealthStatus.Healthy || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && HasEnded(e)),
            cancellationToken);
        return HasEnded(end)
            ? throw new DistributedApplicationException($"Resource '{resourceName}' is {end.Snapshot.State!.Text}{ExitCode(end)}, so it will not become healthy. Its log says why.")
            : end;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    internal void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_gate)
        {
            var before = _current.TryGetValue(resourceId, out var known)
                ? known.Snapshot
                : new() { ResourceType = TypeName(resource), Properties = [], State = KnownResourceStates.NotStarted, CreationTimeStamp = TimeProvider.System.GetUtcNow().UtcDateTime };
            var after = new ResourceEvent(resource, resourceId, change(before));
            _current[resourceId] = after;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(after);
            }
        }
    }

    private static bool HasEnded(ResourceEvent e) => KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text);

    private static string ExitCode(ResourceEvent e) => e.Snapshot.ExitCode is { } code ? $" (exit code {code})" : "";

    private static string TypeName(IResource resource) => resource is ProjectResource ? "Project" : "Executable";
}
