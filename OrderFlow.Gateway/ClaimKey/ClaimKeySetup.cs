using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using OrderFlow.Contracts;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>One order for each idempotency key.</summary>
internal static class ClaimKeySetup
{
    /// <summary>For one question. A customer waits for it, so it is short; what OrderService cannot say by then is not known.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    public static void AddClaimKey(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ClaimKeyOptions>().BindConfiguration(ClaimKeyOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ClaimKeyOptions>, ClaimKeyOptionsValidator>();
        builder.Services.AddServiceDiscovery();
        builder.Services.AddSingleton<RememberedKeys>();
        builder.Services.AddSingleton<ServiceSilence>();
        builder.Services.AddSingleton<KeyedOrders>();
        var client = builder.Services
            .AddHttpClient(nameof(KeyClaimsClient), http => http.BaseAddress = new Uri($"http://{ServiceNames.OrderService}"))
            .AddTypedClient<KeyClaimsClient>()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = Patience,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                AllowAutoRedirect = false,
            });
        client.AddStandardResilienceHandler(Configure);
        client.AddServiceDiscovery();
    }

    private static void Configure(HttpStandardResilienceOptions options)
    {
        options.AttemptTimeout.Timeout = Patience;
        options.TotalRequestTimeout.Timeout = 2 * Patience;
        options.Retry.MaxRetryAttempts = 1;
        options.Retry.Delay = TimeSpan.FromMilliseconds(50);
        // A count whose answer was lost would be denied the second time.
        options.Retry.DisableFor(HttpMethod.Post);
        // After two questions without an answer the next orders do not wait for one.
        options.CircuitBreaker.MinimumThroughput = 2;
        options.CircuitBreaker.FailureRatio = 0.5;
        options.CircuitBreaker.SamplingDuration = TimeSpan.FromSeconds(5);
        options.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(2);
    }
}
