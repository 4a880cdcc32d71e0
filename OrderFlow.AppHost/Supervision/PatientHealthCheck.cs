using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.AppHost.Supervision;

/// <summary>
/// Asks a resource that is not healthy again and again within one check. Aspire asks every one to five seconds, so that whoever waits for
/// a resource that is up waits for the next question as well.
/// </summary>
internal sealed class PatientHealthCheck(IHealthCheck inner, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var result = await OnceAsync(context, cancellationToken);
            if (result.Status == HealthStatus.Healthy || time.GetElapsedTime(began) > Patience)
            {
                return result;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<HealthCheckResult> OnceAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.CheckHealthAsync(context, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return new(context.Registration.FailureStatus, failure.Message, failure);
        }
    }
}
