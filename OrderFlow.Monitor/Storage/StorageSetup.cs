using OrderFlow.Messaging.Postgres;

namespace OrderFlow.Monitor.Storage;

/// <summary>
/// The database of the Monitor: events, spans and logs by day, flows, traces, and the quarantine of unreadable messages.
/// </summary>
internal static class StorageSetup
{
    public const string Database = "events";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddDatabase(Database);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.Monitor.Storage.Migrations.");
        builder.Services.AddSingleton<Partitions>();
        builder.Services.AddSingleton<Retention>();
        builder.Services.AddHostedService<RetentionWorker>();
    }
}
