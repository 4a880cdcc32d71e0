using System.Reflection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.EndToEnd;

namespace OrderFlow.Messaging.Postgres;

/// <summary>Gives a service everything that its database is for, in one call.</summary>
public static class ServiceDatabaseSetup
{
    /// <summary>
    /// Adds the database <c>ConnectionStrings:{name}</c> with inbox and outbox, the service's own tables, its durable counters and the
    /// end-to-end latency of the flows that end at it.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="name">The database: its connection string's name and the scope of its migrations.</param>
    /// <param name="service">Embeds the migrations, as <c>{its name}.Storage.Migrations.0001-what-it-does.sql</c>.</param>
    /// <param name="flows">The flows that a label names.</param>
    /// <param name="counters">What the service's handlers count.</param>
    /// <param name="endedWell">Of a service at which flows end well: the SQL condition that the flow of event <c>$6</c> has.</param>
    public static void AddServiceDatabase(
        this IHostApplicationBuilder builder, string name, Assembly service, IReadOnlyList<string> flows, DurableCounter[] counters,
        string? endedWell = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        builder.AddDurability(name);
        builder.AddEndToEndLatency(flows, endedWell);
        builder.AddDurableCounters(counters);
        builder.AddMigrations(name, service, $"{service.GetName().Name}.Storage.Migrations.");
    }
}
