using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.EndToEnd;

namespace OrderFlow.NotificationService.Storage;

/// <summary>The database of NotificationService: orders, products, inbox and outbox.</summary>
internal static class StorageSetup
{
    public const string Database = "notifications";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddDurability(Database);
        builder.AddEndToEndLatency([FlowNames.OrderCreation], endedWell: "EXISTS (SELECT FROM notifications WHERE event_id = $6 AND status = 'told')");
        builder.AddDurableCounters(NotificationInstruments.Sent);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.NotificationService.Storage.Migrations.");
    }
}
