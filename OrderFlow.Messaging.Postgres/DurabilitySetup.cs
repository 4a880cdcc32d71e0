using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Inbox;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres;

/// <summary>Gives a service its database, with inbox and outbox in it.</summary>
public static class DurabilitySetup
{
    /// <summary>
    /// Registers an <c>NpgsqlDataSource</c> for <c>ConnectionStrings:{connectionName}</c>, brings its schema up to date while the service
    /// starts, publishes what handlers write to the outbox, exports what they count, and adds the health check <c>database</c>, tagged
    /// <c>ready</c>.
    /// </summary>
    /// <remarks>
    /// Settings: section <c>Durability</c>, see <see cref="DurabilityOptions"/>. A missing or unreadable connection string is an
    /// <see cref="OptionsValidationException"/> when the service starts. One service per database: the outbox is not shared.
    /// </remarks>
    public static void AddDurability(this IHostApplicationBuilder builder, string connectionName)
    {
        builder.AddDatabase(connectionName);
        var services = builder.Services;
        services.AddSingleton(
            MigrationSet.FromResources("durability", typeof(DurabilitySetup).Assembly, "OrderFlow.Messaging.Postgres.Migrations."));
        services.AddSingleton<OutboxBacklog>();
        services.AddSingleton<ScheduleBacklog>();
        services.AddSingleton<DurabilityDiagnostics>();
        services.AddSingleton<OutboxRelay>();
        services.AddSingleton<ConfirmedRows>();
        services.AddSingleton<StatementTimeouts>();
        services.AddSingleton<TransactionalBatch>();
        AddWorker<OutboxDispatcher>(services);
        services.AddSingleton<IPublishBacklog>(provider => provider.GetRequiredService<OutboxDispatcher>());
        AddWorker<OutboxSweeper>(services);
        AddWorker<EventScheduler>(services);
        AddWorker<InboxCleanup>(services);
        builder.AddCounting(connectionName);
    }

    /// <summary>
    /// The same without inbox, outbox and counters, for a service that handles no event in a transaction: an <c>NpgsqlDataSource</c>, the
    /// schema brought up to date, and the health check. <see cref="ISchema"/> says when the schema is there.
    /// </summary>
    public static void AddDatabase(this IHostApplicationBuilder builder, string connectionName)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddOptions<DurabilityOptions>().BindConfiguration(DurabilityOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DurabilityOptions>, DurabilityOptionsValidator>();
        services.AddSingleton(provider => DatabaseSource.Create(
            connectionName,
            provider.GetRequiredService<IConfiguration>().GetConnectionString(connectionName),
            builder.Environment.ApplicationName,
            provider.GetRequiredService<IOptions<DurabilityOptions>>().Value,
            provider.GetRequiredService<ILoggerFactory>()));

        services.AddSingleton<IOutageDetector, DatabaseOutage>();
        services.AddSingleton<MigrationRunner>();
        AddWorker<DatabaseMigrator>(services);
        services.AddSingleton<ISchema>(provider => provider.GetRequiredService<DatabaseMigrator>());
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database", tags: ["ready"], timeout: TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// Adds the service's own tables: embedded resources named <c>0001-what-it-does.sql</c>, applied once each, in order.
    /// </summary>
    /// <param name="builder">The service's host; <see cref="AddDurability"/> must have been called, too.</param>
    /// <param name="scope">Whose tables they are, such as <c>orders</c>.</param>
    /// <param name="assembly">Where they are embedded.</param>
    /// <param name="folder">What the names of the resources begin with, such as <c>OrderFlow.OrderService.Storage.</c></param>
    public static void AddMigrations(this IHostApplicationBuilder builder, string scope, Assembly assembly, string folder) =>
        builder.Services.AddSingleton(MigrationSet.FromResources(scope, assembly, folder));

    private static void AddWorker<TWorker>(IServiceCollection services)
        where TWorker : BackgroundService
    {
        services.AddSingleton<TWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<TWorker>());
    }
}
