using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>Healthy while the tap is connected and its topology declared.</summary>
internal sealed class TapHealthCheck(TapConnection tap) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(tap.IsListening
        ? HealthCheckResult.Healthy()
        : new HealthCheckResult(context.Registration.FailureStatus, $"{tap.Connection.Name}: {tap.Connection.Problem}"));
}
