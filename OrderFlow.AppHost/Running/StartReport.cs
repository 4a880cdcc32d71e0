using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.Dashboard;
using OrderFlow.AppHost.RabbitMQ;
using OrderFlow.AppHost.Services;

namespace OrderFlow.AppHost.Running;

/// <summary>Prints at the console what has started and, when everything has, where to look and what to do next.</summary>
internal sealed class StartReport(
    ResourceNotificationService notifications,
    DistributedApplicationModel model,
    IConfiguration configuration,
    TimeProvider time,
    StartAddresses addresses) : BackgroundService
{
    private const int NameWidth = 22;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var login = DashboardSetup.LoginUrl(configuration);
            Console.WriteLine($"Starting; the Aspire dashboard shows how far it is: {login}");
            await Task.WhenAll(model.Resources.Where(HasProcess).Select(resource => ReportAsync(resource.Name, stoppingToken)));
            Console.WriteLine($"All healthy after {Elapsed()} s.");
            Console.WriteLine(await SummaryAsync(login, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The system stops before everything was healthy.
        }
    }

    private static bool HasProcess(IResource resource) =>
        resource is ProjectResource or ExecutableResource or ContainerResource && resource.HasAnnotationOfType<HealthCheckAnnotation>();

    private async Task ReportAsync(string resource, CancellationToken cancellationToken)
    {
        await notifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);
        Console.WriteLine($"{Elapsed(),6} s  {resource} is up");
    }

    private async Task<string> SummaryAsync(string? login, CancellationToken cancellationToken)
    {
        var gateway = await addresses.Gateway.GetValueAsync(cancellationToken);
        var console = addresses.Monitor is { } monitor
            ? $"{await monitor.GetValueAsync(cancellationToken)}/login?t={await addresses.Token!.GetValueAsync(cancellationToken)}"
            : "off (Observability:Monitor)";
        var prometheus = addresses.Prometheus is { } address
            ? $"{await address.GetValueAsync(cancellationToken)}/graph"
            : "off (Observability:Metrics)";
        var alertmanager = addresses.Alertmanager is { } alerts
            ? $"{await alerts.GetValueAsync(cancellationToken)}"
            : "off (not installed, or Observability:Metrics)";
        var management = await addresses.Management.GetValueAsync(cancellationToken);
        const string order = """{"items":[{"id":"item-1","quantity":2}],"userId":"user-123"}""";
        return $$"""

              {{"Aspire dashboard",-NameWidth}}{{login}}
              {{"Console",-NameWidth}}{{console}}
              {{"Order API",-NameWidth}}{{gateway}}/scalar/v1
              {{"Prometheus",-NameWidth}}{{prometheus}}
              {{"Alertmanager",-NameWidth}}{{alertmanager}}
              {{"RabbitMQ management",-NameWidth}}{{management}} (user and password: "messaging" in .run/connection.json)

            Place an order, then find it in the console, or press "Place an order" at gateway in the Aspire dashboard:

              curl -i {{gateway}}/orders -H 'content-type: application/json' -d '{{order}}'

            Ctrl+C stops all of it.

            """;
    }

    /// <summary>Seconds since the AppHost's program began: run.sh becomes its process only after it has built everything.</summary>
    private string Elapsed() => time.GetElapsedTime(addresses.Began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}

/// <summary>What the report shows, known when everything runs.</summary>
internal sealed record StartAddresses(
    IValueProvider Gateway,
    IValueProvider? Monitor,
    IValueProvider? Token,
    IValueProvider? Prometheus,
    IValueProvider? Alertmanager,
    IValueProvider Management,
    long Began);

/// <summary>Adds the report to the system.</summary>
internal static class StartReportSetup
{
    /// <summary>In a test nobody reads it, and it is left out.</summary>
    public static void AddStartReport(
        this IDistributedApplicationBuilder builder,
        SystemSettings settings,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ProjectResource>? monitor,
        IResourceBuilder<IResourceWithEndpoints>? prometheus,
        IResourceBuilder<IResourceWithEndpoints>? alertmanager,
        IResourceBuilder<IResourceWithConnectionString> messaging)
    {
        if (settings.IsTest)
        {
            return;
        }

        builder.Services.AddSingleton(new StartAddresses(
            gateway.GetEndpoint("http"),
            monitor?.GetEndpoint("http"),
            monitor?.Token(),
            prometheus?.GetEndpoint("http"),
            alertmanager?.GetEndpoint("http"),
            ((IResourceWithEndpoints)messaging.Resource).GetEndpoint(RabbitMQNodeResource.ManagementEndpoint),
            TimeProvider.System.GetTimestamp()));
        builder.Services.AddHostedService<StartReport>();
        builder.OnBeforeStart((start, _) =>
        {
            var logger = start.Services.GetRequiredService<ILoggerFactory>().CreateLogger("OrderFlow.AppHost");
            foreach (var note in settings.Ports.Notes)
            {
                Log.PortMoved(logger, note);
            }

            return Task.CompletedTask;
        });
    }
}
