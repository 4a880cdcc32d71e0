using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using OrderFlow.AppHost;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Chaos;

/// <summary>A whole OrderFlow of the run's own, started through its AppHost on free ports and in a temporary directory.</summary>
internal sealed class ChaosSystem : IAsyncDisposable
{
    /// <summary>The resources that must be healthy before the load begins.</summary>
    private static readonly string[] Awaited =
    [
        ResourceNames.Messaging, ResourceNames.Postgres, ResourceNames.Prometheus, ResourceNames.Monitor, .. SystemResources.Services,
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Short, so that what cannot be handled is a dead letter before the run is over.</summary>
    private const string RetryTiers = "1s,2s";

    private readonly DistributedApplication _app;
    private readonly string _monitorToken;

    private ChaosSystem(DistributedApplication app, string runDirectory, string monitorToken) =>
        (_app, RunDirectory, _monitorToken) = (app, runDirectory, monitorToken);

    /// <summary>Where the logs are, for as long as the system runs.</summary>
    public string RunDirectory { get; }

    public ResourceNotificationService Resources => _app.ResourceNotifications;

    public Uri Gateway => _app.GetEndpoint(ResourceNames.Gateway);

    public Uri Management => _app.GetEndpoint(ResourceNames.Messaging, "management");

    public required Uri Broker { get; init; }

    /// <summary>Connection strings by database.</summary>
    public required IReadOnlyDictionary<string, string> ConnectionStrings { get; init; }

    /// <exception cref="CommandException">The system does not become healthy.</exception>
    public static async Task<ChaosSystem> StartAsync(ChaosOptions options, Uri webhook, string secret, CancellationToken cancellationToken)
    {
        var token = RandomNumberGenerator.GetHexString(32);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.OrderFlow_AppHost>(
            Arguments(options, token), (application, _) => application.EnableResourceLogging = false, cancellationToken);
        foreach (var service in builder.Resources.OfType<ProjectResource>().ToArray())
        {
            builder.CreateResourceBuilder(service)
                .WithEnvironment("Messaging__RetryTiers", RetryTiers)
                .WithEnvironment("Notification__Channel", "Webhook")
                .WithEnvironment("Notification__Webhook__Url", webhook.ToString())
                .WithEnvironment("Notification__Webhook__Secret", secret);
        }

        if (options.Outage is { } outage)
        {
            builder.CreateResourceBuilder(
                builder.Resources.OfType<ProjectResource>().Single(project => project.Name == ResourceNames.Monitor))
                .WithEnvironment("Monitor__FlowDeadline", outage.FlowDeadline.ToString("c", CultureInfo.InvariantCulture))
                // The report counts the traces that are missing.
                .WithEnvironment("Monitor__TraceRatio", "1");
        }

        var directory = builder.Configuration["OrderFlow:RunDirectory"] ?? "";
        var app = await builder.BuildAsync(cancellationToken);
        try
        {
            await app.StartAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            foreach (var resource in Awaited)
            {
                await app.ResourceNotifications.WaitForResourceHealthyAsync(
                    resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken).WaitAsync(Patience, cancellationToken);
            }

            // A database that runs without a container is no resource of its own.
            var server = await StringAsync(app, ResourceNames.Postgres, cancellationToken);
            return new ChaosSystem(app, directory, token)
            {
                Broker = new Uri(await StringAsync(app, ResourceNames.Messaging, cancellationToken)),
                ConnectionStrings = SystemResources.Databases.Append(ResourceNames.Events)
                    .ToDictionary(name => name, name => $"{server};Database={name}", StringComparer.Ordinal),
            };
        }
        catch (Exception exception)
        {
            var logs = RetainedLogs.Copy(directory);
            await app.DisposeAsync();
            if (exception is TimeoutException)
            {
                throw new CommandException(
                    $"The system was not healthy within {Patience.TotalMinutes:0} minutes. What its processes said is in "
                    + $"{logs ?? "no log"}.",
                    exception);
            }

            throw;
        }
    }

    public HttpClient CreatePrometheusClient() => _app.CreateHttpClient(ResourceNames.Prometheus);

    public HttpClient CreateMonitorClient()
    {
        var client = _app.CreateHttpClient(ResourceNames.Monitor);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _monitorToken);
        return client;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string[] Arguments(ChaosOptions options, string monitorToken)
    {
        string[] replicated = ["Gateway", "OrderService", "PaymentService", "NotificationService"];
        return
        [
            "--Simulation:Work=false",
            $"--Parameters:monitor-token={monitorToken}",
            $"--Simulation:DeclineRate={options.DeclinedPayments.ToString("R", CultureInfo.InvariantCulture)}",
            .. replicated.Select(service => $"--Replicas:{service}={options.Replicas}"),
        ];
    }

    private static async Task<string> StringAsync(DistributedApplication app, string resource, CancellationToken cancellationToken) =>
        await app.GetConnectionStringAsync(resource, cancellationToken)
            ?? throw new CommandException($"Resource '{resource}' has no connection string. Was it renamed in AppHost.cs?");
}
