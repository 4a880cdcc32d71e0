using OrderFlow.Messaging.Durability;

namespace OrderFlow.NotificationService.Storage;

/// <summary>The database of NotificationService: orders, products, inbox and outbox.</summary>
internal static class StorageSetup
{
    public const string Database = "notifications";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddDurability(Database);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.NotificationService.Storage.Migrations.");
    }
}
