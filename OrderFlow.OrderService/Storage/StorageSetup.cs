using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.ServiceDefaults.Telemetry;

namespace OrderFlow.OrderService.Storage;

/// <summary>The database of OrderService: orders, products, history, inbox and outbox.</summary>
internal static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase(
            DatabaseNames.Orders,
            typeof(StorageSetup).Assembly,
            [FlowNames.OrderCreation],
            [OrderServiceInstruments.Completed, OrderServiceInstruments.Rejected, OrderServiceInstruments.RefundsRequested]);
        builder.AddSharedHistogram<EndToEndLatency>(
            latency =>
                new ZeroSeries(
                    EndToEndLatency.Name, EndToEndLatency.Description, EndToEndLatency.Bounds, latency.Known, () => latency.IsTold),
            latency => latency.HoldAsync);
    }
}
