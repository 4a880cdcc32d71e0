using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace OrderFlow.ServiceDefaults.Discovery;

/// <summary>How one service asks another over HTTP.</summary>
public static class ServiceClientSetup
{
    /// <summary>
    /// Registers <typeparamref name="TClient"/> with an <see cref="HttpClient"/> whose base address is <c>http://{service}</c>, resolved
    /// from <c>services:{service}:http:0</c> …, in turn when there are several.
    /// </summary>
    /// <param name="builder">The service that asks.</param>
    /// <param name="service">The name of the one that answers.</param>
    /// <param name="timeout">For a whole request, the body of its answer included.</param>
    public static void AddServiceClient<TClient>(this IHostApplicationBuilder builder, string service, TimeSpan timeout)
        where TClient : class
    {
        builder.Services.TryAddTransient<ServiceAddressHandler>();
        builder.Services
            .AddHttpClient<TClient>(client =>
            {
                client.BaseAddress = new Uri($"http://{service}");
                client.Timeout = timeout;
            })
            .AddHttpMessageHandler<ServiceAddressHandler>()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(1),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                AllowAutoRedirect = false,
            });
    }
}
