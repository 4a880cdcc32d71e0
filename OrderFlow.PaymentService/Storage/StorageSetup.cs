using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.ServiceDefaults.Telemetry;

namespace OrderFlow.PaymentService.Storage;

/// <summary>The database of PaymentService: payments, inbox and outbox.</summary>
internal static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase(
            DatabaseNames.Payments,
            typeof(StorageSetup).Assembly,
            [FlowNames.OrderCreation],
            [PaymentInstruments.Processed, PaymentInstruments.Unanswered, PaymentInstruments.Refunded]);
        builder.AddSharedHistogram<EndToEndLatency>(
            latency =>
                new ZeroSeries(
                    EndToEndLatency.Name, EndToEndLatency.Description, EndToEndLatency.Bounds, latency.Known, () => latency.IsTold),
            latency => latency.HoldAsync);
    }
}
