using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrderFlow.AppHost.Resources;

/// <summary>Puts the settings to work.</summary>
internal static class SystemSettings
{
    /// <summary>Reads the settings. What is wrong with the ports is said when the system starts.</summary>
    public static Settings AddSettings(this IDistributedApplicationBuilder builder)
    {
        var settings = Settings.Of(builder);
        builder.Services.AddSingleton(_ => settings.RunDirectory);
        builder.OnBeforeStart((start, _) =>
        {
            settings.RefuseProblems();
            var log = start.Services.GetRequiredService<ILoggerFactory>().CreateLogger("OrderFlow.AppHost");
            foreach (var note in settings.Ports.Notes)
            {
                Log.PortMoved(log, note);
            }

            // Taken from the services, so that it is disposed with them: after the last process has ended.
            start.Services.GetRequiredService<RunDirectory>().Take();
            return Task.CompletedTask;
        });
        return settings;
    }

    /// <summary>The service takes the time that real work would take, if <c>Simulation:Work</c> says so.</summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedWork(this IResourceBuilder<ProjectResource> service, Settings settings, int minMs, int maxMs) => service
        .WithEnvironment("Simulation__MinWorkMs", settings.SimulatesWork ? $"{minMs:D}" : "0")
        .WithEnvironment("Simulation__MaxWorkMs", settings.SimulatesWork ? $"{maxMs:D}" : "0");

    /// <summary>The service fails the share of its deliveries that <c>Simulation:FailureRate</c> says, and tries them again after <c>Messaging:RetryTiers</c> if that is set.</summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedFailures(this IResourceBuilder<ProjectResource> service, Settings settings)
    {
        service.WithEnvironment("Simulation__FailureRate", settings.FailureRate.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        return service.WithRetryTiers(settings);
    }

    /// <summary>The service knows the delays of the retries, if <c>Messaging:RetryTiers</c> says them.</summary>
    public static IResourceBuilder<ProjectResource> WithRetryTiers(this IResourceBuilder<ProjectResource> service, Settings settings) =>
        settings.RetryTiers is { } tiers ? service.WithEnvironment("Messaging__RetryTiers", tiers) : service;

    /// <summary>
    /// The payment provider takes the time that a real one would take, or what <c>Simulation:PaymentLatency</c> says, and declines the share of
    /// payments that <c>Simulation:DeclineRate</c> says.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedProvider(this IResourceBuilder<ProjectResource> service, Settings settings, int minMs, int maxMs) => service
        .WithEnvironment("SimulatedProvider__MinLatencyMs", Milliseconds(settings.PaymentLatency) ?? (settings.SimulatesWork ? $"{minMs:D}" : "0"))
        .WithEnvironment("SimulatedProvider__MaxLatencyMs", Milliseconds(settings.PaymentLatency) ?? (settings.SimulatesWork ? $"{maxMs:D}" : "0"))
        .WithEnvironment("SimulatedProvider__DeclineRate", settings.DeclineRate.ToString("R", System.Globalization.CultureInfo.InvariantCulture));

    private static string? Milliseconds(TimeSpan? latency) => latency is { } set ? $"{(int)set.TotalMilliseconds:D}" : null;
}
