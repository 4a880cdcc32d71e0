using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Running;

/// <summary>
/// Writes what each process says, and what is said of it, into a file of its resource, besides the dashboard: there it is gone with the
/// system.
/// </summary>
internal sealed class ResourceLogFiles(
    ResourceNotificationService notifications, ResourceLoggerService logs, ILogger<ResourceLogFiles> logger,
    string directory) : BackgroundService
{
    private readonly Dictionary<string, ResourceLogFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _followed = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken))
            {
                if (change.Resource is ProjectResource or ExecutableResource or ContainerResource && !change.Snapshot.IsHidden
                    && !_followed.ContainsKey(change.ResourceId))
                {
                    _followed.Add(change.ResourceId, FollowAsync(change.Resource, change.ResourceId, stoppingToken));
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The system stops.
        }

        await Task.WhenAll(_followed.Values);
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private async Task FollowAsync(IResource resource, string resourceId, CancellationToken stoppingToken)
    {
        if (!_files.TryGetValue(resource.Name, out var file))
        {
            _files.Add(resource.Name, file = new(directory, resource.Name));
        }

        // Replicas share a file; their lines say which it is.
        var prefix = resource.GetReplicaCount() > 1 ? $"[{resourceId[(resourceId.LastIndexOf('-') + 1)..]}] " : "";
        try
        {
            await foreach (var lines in logs.WatchAsync(resourceId).WithCancellation(stoppingToken))
            {
                file.Write(lines.Select(line => prefix + line.Content));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The system stops.
        }
        catch (IOException failure)
        {
            // A full disk takes the log away, and nothing else.
            Log.FileNotWritten(logger, Path.Combine(directory, $"{resource.Name}.log"), failure);
        }
    }
}

/// <summary>Adds the log files to the system.</summary>
internal static class ResourceLogFilesSetup
{
    public static void AddResourceLogFiles(this IDistributedApplicationBuilder builder, SystemSettings settings) =>
        builder.Services.AddHostedService(services =>
            ActivatorUtilities.CreateInstance<ResourceLogFiles>(services, settings.RunDirectory.In("logs")));
}
