using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.Prometheus;

namespace OrderFlow.AppHost.Dashboard;

/// <summary>Trouble at the press of a button, while the system runs, and its end at the press of another.</summary>
internal static class SimulationCommands
{
    private const string KeyName = "simulation-key";

    /// <summary>
    /// Every notification fails from the next one on: retries, delayed retries, dead letters. Healed, those that wait for a retry arrive;
    /// dead letters are replayed.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithFailuresOnDemand(this IResourceBuilder<ProjectResource> service) => service
        .CanBeSwitched()
        .WithSwitch(
            "fail-notifications", "Fail notifications", "Every notification of this process fails, until it is healed or ends.",
            "PlugDisconnected", "/simulation/failure-rate", new { failureRate = 1.0 })
        .WithSwitch(
            "heal-notifications", "Heal notifications", "Notifications of this process succeed again; dead letters wait to be replayed.",
            "PlugConnected", "/simulation/failure-rate", new { failureRate = 0.0 });

    /// <summary>Every payment takes two seconds from the next one on.</summary>
    public static IResourceBuilder<ProjectResource> WithSlownessOnDemand(this IResourceBuilder<ProjectResource> service) => service
        .CanBeSwitched()
        .WithSwitch(
            "slow-payments", "Slow payments", "Every payment of this process takes two seconds, until it is healed or ends.", "Timer",
            "/simulation/latency", new { latencyMs = 2000 })
        .WithSwitch(
            "heal-payments", "Heal payments", "Payments of this process take what they took when it started.", "TimerOff",
            "/simulation/latency", new { latencyMs = (int?)null });

    private static IResourceBuilder<ProjectResource> CanBeSwitched(this IResourceBuilder<ProjectResource> service) => service
        .WithEnvironment("Simulation__Switchable", "true")
        .WithEnvironment("Simulation__Key", service.ApplicationBuilder.Key() is { } key
            ? service.ApplicationBuilder.CreateResourceBuilder(key)
            : service.ApplicationBuilder.AddKey(KeyName));

    private static ParameterResource? Key(this IDistributedApplicationBuilder builder) =>
        builder.Resources.OfType<ParameterResource>().SingleOrDefault(parameter => parameter.Name == KeyName);

    private static IResourceBuilder<ProjectResource> WithSwitch<TState>(
        this IResourceBuilder<ProjectResource> service, string name, string displayName, string description, string icon, string path,
        TState state) => service.WithCommand(
        name,
        displayName,
        async context =>
        {
            // The process itself, not the proxy before several: each has a switch of its own.
            if (!context.Services.GetRequiredService<ResourceNotificationService>()
                .TryGetCurrentState(context.ResourceName, out var current) ||
                TargetsOf.ListeningUrls(current.Snapshot).FirstOrDefault() is not { } process)
            {
                return CommandResults.Failure($"{context.ResourceName} does not run.");
            }

            using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
            client.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Bearer", await service.ApplicationBuilder.Key()!.GetValueAsync(context.CancellationToken));
            try
            {
                using var answer = await client.PutAsJsonAsync(new Uri($"http://{process}{path}"), state, context.CancellationToken);
                return answer.IsSuccessStatusCode
                    ? CommandResults.Success()
                    : CommandResults.Failure(
                        $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(context.CancellationToken)}");
            }
            catch (HttpRequestException unreachable)
            {
                return CommandResults.Failure($"{context.ResourceName} does not answer: {unreachable.Message}");
            }
        },
        new CommandOptions
        {
            Description = description,
            IconName = icon,
            UpdateState = command =>
                command.ResourceSnapshot.State?.Text == KnownResourceStates.Running
                    ? ResourceCommandState.Enabled
                    : ResourceCommandState.Disabled,
        });
}
