using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>Gives a service its durable counters.</summary>
public static class CountingSetup
{
    /// <summary>Registers what the service's handlers count with <c>ITransactionalContext.Count</c>; they are exported from 0 on.</summary>
    /// <remarks>Needs <c>builder.AddDurability(…)</c>. Each has a name of its own.</remarks>
    public static void AddDurableCounters(this IHostApplicationBuilder builder, params DurableCounter[] counters)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(counters);
        foreach (var counter in counters)
        {
            builder.Services.AddSingleton(counter);
        }
    }

    /// <summary>Registers what counts and what exports the counters.</summary>
    internal static void AddCounting(this IHostApplicationBuilder builder, string connectionName)
    {
        var services = builder.Services;
        services.AddSingleton(
            provider => new DurableCounters(provider.GetServices<DurableCounter>(), provider.GetService<MessagingWiring>()));
        services.AddSingleton(provider => new CounterDatabase(DatabaseSource.CreateUnpooled(
            connectionName,
            provider.GetRequiredService<IConfiguration>().GetConnectionString(connectionName),
            $"{builder.Environment.ApplicationName} counters",
            provider.GetRequiredService<IOptions<DurabilityOptions>>().Value,
            provider.GetRequiredService<ILoggerFactory>())));
        services.AddSingleton<CounterMeters>();
        services.AddSingleton<CounterLeader>();
        services.AddHostedService(provider => provider.GetRequiredService<CounterLeader>());
    }
}
