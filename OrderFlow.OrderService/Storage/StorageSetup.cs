using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.EndToEnd;

namespace OrderFlow.OrderService.Storage;

/// <summary>The database of OrderService: orders, products, inbox and outbox.</summary>
internal static class StorageSetup
{
    public const string Database = "orders";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<StockLock>();
        builder.AddDurability(Database);
        builder.AddEndToEndLatency([FlowNames.OrderCreation]);
        builder.AddDurableCounters(OrderServiceInstruments.Completed, OrderServiceInstruments.Rejected, OrderServiceInstruments.RefundsRequested);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.OrderService.Storage.Migrations.");
    }
}
