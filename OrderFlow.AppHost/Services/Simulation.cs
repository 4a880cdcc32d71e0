using System.Globalization;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Services;

/// <summary>What the services simulate, because nobody is there to do it.</summary>
internal static class Simulation
{
    /// <summary>The service takes the time that real work would take, if <c>Simulation:Work</c> says so.</summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedWork(
        this IResourceBuilder<ProjectResource> service, SystemSettings settings, int minMs, int maxMs) => service
        .WithEnvironment("Simulation__MinWorkMs", settings.SimulatesWork ? $"{minMs:D}" : "0")
        .WithEnvironment("Simulation__MaxWorkMs", settings.SimulatesWork ? $"{maxMs:D}" : "0");

    /// <summary>
    /// The service fails the share of its deliveries that <c>Simulation:FailureRate</c> says, and tries them again after
    /// <c>Messaging:RetryTiers</c> if that is set.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedFailures(
        this IResourceBuilder<ProjectResource> service, SystemSettings settings) => service
        .WithEnvironment("Simulation__FailureRate", settings.FailureRate.ToString("R", CultureInfo.InvariantCulture))
        .WithRetryTiers(settings);

    /// <summary>The service knows the delays of the retries, if <c>Messaging:RetryTiers</c> says them.</summary>
    public static IResourceBuilder<ProjectResource> WithRetryTiers(
        this IResourceBuilder<ProjectResource> service, SystemSettings settings) =>
        settings.RetryTiers is { } tiers ? service.WithEnvironment("Messaging__RetryTiers", tiers) : service;

    /// <summary>
    /// The payment provider takes the time that a real one would take, or what <c>Simulation:PaymentLatency</c> says, declines the share
    /// of payments that <c>Simulation:DeclineRate</c> says, and never answers the share that <c>Simulation:SilentRate</c> says.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedProvider(
        this IResourceBuilder<ProjectResource> service, SystemSettings settings, int minMs, int maxMs) => service
        .WithEnvironment(
            "SimulatedProvider__MinLatencyMs", Milliseconds(settings.PaymentLatency) ?? (settings.SimulatesWork ? $"{minMs:D}" : "0"))
        .WithEnvironment(
            "SimulatedProvider__MaxLatencyMs", Milliseconds(settings.PaymentLatency) ?? (settings.SimulatesWork ? $"{maxMs:D}" : "0"))
        .WithEnvironment("SimulatedProvider__DeclineRate", settings.DeclineRate.ToString("R", CultureInfo.InvariantCulture))
        .WithEnvironment("SimulatedProvider__SilentRate", settings.SilentRate.ToString("R", CultureInfo.InvariantCulture));

    private static string? Milliseconds(TimeSpan? latency) => latency is { } set ? $"{(int)set.TotalMilliseconds:D}" : null;
}
