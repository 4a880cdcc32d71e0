using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Receiving;
using OrderFlow.Messaging.Transport;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>Healthy while every connection that the service needs is open and its topology declared.</summary>
internal sealed class MessagingHealthCheck(MessagingWiring wiring, PublisherConnection publisher, ConsumerConnection consumer) : IHealthCheck
{
    public const string Name = "messaging";
    public const string Tag = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        BrokerConnection[] needed = wiring.Handled.Count > 0 ? [publisher.Connection, consumer.Connection] : [publisher.Connection];
        var down = needed.Where(connection => !connection.IsUp).Select(connection => $"{connection.Name}: {connection.Problem}").ToList();
        return Task.FromResult(down.Count == 0
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", down)));
    }
}
