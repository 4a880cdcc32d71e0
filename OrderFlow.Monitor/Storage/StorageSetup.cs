using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Postgres;

namespace OrderFlow.Monitor.Storage;

/// <summary>The database of the Monitor: events, spans and logs by day, flows, traces, and what was set aside.</summary>
internal static class StorageSetup
{
    public const string Database = "events";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<MonitorOptions>().BindConfiguration(MonitorOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<MonitorOptions>, MonitorOptionsValidator>();
        builder.Services.AddSingleton<MonitorInstruments>();
        builder.AddDatabase(Database);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.Monitor.Storage.Migrations.");
        builder.Services.AddSingleton<Partitions>();
        builder.Services.AddSingleton<Retention>();
        builder.Services.AddHostedService<RetentionWorker>();
    }
}
