using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.RabbitMQ;
using OrderFlow.AppHost.Services;

namespace OrderFlow.AppHost.Running;

/// <summary>
/// Shows other programs of the same user, such as the load tool, where a running system is: <c>connection.json</c> in the run
/// directory. It is there as long as everything was healthy and the system runs. It holds the passwords of the broker and of the databases
/// and the Monitor's token, so only its owner may read it.
/// </summary>
internal sealed class ConnectionFile(
    ResourceNotificationService notifications,
    ILogger<ConnectionFile> logger,
    string file,
    IReadOnlyDictionary<string, IValueProvider> entries,
    IReadOnlyList<string> resources) : BackgroundService
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        File.Delete(file);
        await base.StopAsync(cancellationToken);
        File.Delete(file);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            File.Delete(file);
            await Task.WhenAll(
                resources.Select(resource =>
                    notifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, stoppingToken)));
            await WriteAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The system stops before everything was healthy; nobody can use it.
        }
        catch (IOException failure)
        {
            Log.FileNotWritten(logger, file, failure);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var values = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in entries)
        {
            values[name] = await value.GetValueAsync(cancellationToken);
        }

        OwnerOnly.Write(file, JsonSerializer.SerializeToUtf8Bytes(values, Indented));
    }
}

/// <summary>Adds the connection file to the system.</summary>
internal static class ConnectionFileSetup
{
    public static void AddConnectionFile(
        this IDistributedApplicationBuilder builder,
        SystemSettings settings,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ProjectResource> notificationService,
        IResourceBuilder<ProjectResource>? monitor,
        IResourceBuilder<IResourceWithEndpoints>? prometheus,
        IResourceBuilder<IResourceWithEndpoints>? alertmanager,
        IResourceBuilder<IResourceWithConnectionString> messaging,
        params IReadOnlyList<IResourceBuilder<IResourceWithConnectionString>> databases)
    {
        var broker = (IResourceWithEndpoints)messaging.Resource;
        var entries = new Dictionary<string, IValueProvider>(StringComparer.Ordinal)
        {
            ["gateway"] = gateway.GetEndpoint("http"),
            ["notificationService"] = notificationService.GetEndpoint("http"),
            ["messaging"] = messaging.Resource,
            ["managementUrl"] = broker.GetEndpoint(RabbitMQNodeResource.ManagementEndpoint),
        };
        List<string> resources = [gateway.Resource.Name, notificationService.Resource.Name, messaging.Resource.Name];
        if (monitor is not null)
        {
            entries["monitor"] = monitor.GetEndpoint("http");
            entries["monitorToken"] = monitor.Token();
        }

        if (prometheus is not null)
        {
            entries["prometheus"] = prometheus.GetEndpoint("http");
            resources.Add(prometheus.Resource.Name);
        }

        if (alertmanager is not null)
        {
            entries["alertmanager"] = alertmanager.GetEndpoint("http");
        }

        foreach (var database in databases)
        {
            entries[database.Resource.Name] = database.Resource;
        }

        builder.Services.AddHostedService(services =>
            ActivatorUtilities.CreateInstance<ConnectionFile>(services, settings.RunDirectory.In("connection.json"), entries, resources));
    }
}
