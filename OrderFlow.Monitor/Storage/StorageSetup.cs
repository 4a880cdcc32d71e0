using OrderFlow.Messaging.Postgres;

namespace OrderFlow.Monitor.Storage;

/// <summary>
/// The database of the Monitor: events, flows, traces, logs and operations by day, and the quarantine of unreadable messages.
/// </summary>
internal static class StorageSetup
{
    public const string Database = "events";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        KeepSessions(builder.Configuration);
        builder.AddDatabase(Database);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.Monitor.Storage.Migrations.");
        builder.Services.AddSingleton<Partitions>();
        builder.Services.AddSingleton<Retention>();
        builder.Services.AddHostedService<RetentionWorker>();
    }
    /// <summary>
    /// A connection is not reset before its next use, which would be a statement more for each: nothing here leaves anything behind in a
    /// session. There are no temporary tables, and settings, locks and cursors end with their transactions.
    /// </summary>
    private static void KeepSessions(ConfigurationManager configuration)
    {
        var name = $"ConnectionStrings:{Database}";
        if (configuration[name] is { Length: > 0 } text && !text.Contains("Reset On Close", StringComparison.OrdinalIgnoreCase))
        {
            configuration[name] = $"{text.TrimEnd(';')};No Reset On Close=true";
        }
    }
}
