using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace OrderFlow.NotificationService.Channels;

/// <summary>Degraded while the webhook is gone: the service works, but no customer is notified.</summary>
internal sealed class WebhookHealthCheck(GoneWebhooks gone, IOptions<NotificationOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (options.Value is not { Channel: ChannelKind.Webhook, Webhook.Url: { } url })
        {
            return HealthCheckResult.Healthy();
        }

        try
        {
            return await gone.SinceAsync(url, cancellationToken) is { } since
                ? HealthCheckResult.Degraded($"The webhook {url} is gone (410) since {since:u}: notifications end as dead letters.")
                : HealthCheckResult.Healthy();
        }
        catch (NpgsqlException)
        {
            // The check of the database says it.
            return HealthCheckResult.Healthy("Not known: the database does not answer.");
        }
    }
}
