using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging;

/// <summary>
/// Healthy while every connection that the service needs is open and its topology declared; degraded while the throttle is on, or while
/// the broker takes no events for want of memory or disk.
/// </summary>
internal sealed class MessagingHealthCheck(
    MessagingWiring wiring, PublisherConnection publisher, ConsumerConnection consumer, ConsumerThrottle throttle) : IHealthCheck
{
    public const string Name = "messaging";
    public const string Tag = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        BrokerConnection[] needed = wiring.Handled.Count > 0 ? [publisher.Connection, consumer.Connection] : [publisher.Connection];
        var down = needed.Where(connection => !connection.IsUp).Select(connection => $"{connection.Name}: {connection.Problem}").ToList();
        return Task.FromResult(this switch
        {
            _ when down.Count > 0 => new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", down)),
            _ when publisher.IsBlocked =>
                HealthCheckResult.Degraded(
                    "the broker has blocked publishers for want of memory or disk; nothing can be published until it has some"),
            _ when throttle.IsOn => HealthCheckResult.Degraded("nearly every event fails, so events are handled slowly until some succeed"),
            _ => HealthCheckResult.Healthy(),
        });
    }
}
