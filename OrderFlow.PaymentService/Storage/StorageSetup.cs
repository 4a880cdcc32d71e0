using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.EndToEnd;

namespace OrderFlow.PaymentService.Storage;

/// <summary>The database of PaymentService: payments, inbox and outbox.</summary>
internal static class StorageSetup
{
    public const string Database = "payments";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddDurability(Database);
        builder.AddEndToEndLatency([FlowNames.OrderCreation]);
        builder.AddDurableCounters(PaymentInstruments.Processed, PaymentInstruments.Unanswered, PaymentInstruments.Refunded);
        builder.AddMigrations(Database, typeof(StorageSetup).Assembly, "OrderFlow.PaymentService.Storage.Migrations.");
    }
}
