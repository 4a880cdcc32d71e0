using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Hosting.ApplicationModel;
using OrderFlow.Hosting.Eventing;

namespace OrderFlow.Hosting.Running;

/// <summary>What every running resource needs of the engine.</summary>
internal sealed record Engine(
    IServiceProvider Services,
    ResourceNotificationService Notifications,
    IDistributedApplicationEventing Eventing,
    HealthCheckService HealthChecks,
    LaunchPlanner Planner,
    Guardian Guardian,
    ConsoleReport Report,
    HostingSettings Settings,
    TimeProvider Time)
{
    /// <summary>Cancelled when nobody wants to wait for a graceful end any more.</summary>
    public required CancellationToken Immediately { get; init; }
}
