using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.ServiceDefaults.Telemetry;

namespace OrderFlow.NotificationService.Storage;

/// <summary>The database of NotificationService: notifications, gone webhooks, inbox and outbox.</summary>
internal static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase(
            DatabaseNames.Notifications,
            typeof(StorageSetup).Assembly,
            [FlowNames.OrderCreation],
            [NotificationInstruments.Sent],
            endedWell: "EXISTS (SELECT FROM notifications WHERE event_id = $6 AND status = 'told')");
        builder.AddSharedHistogram<EndToEndLatency>(
            latency =>
                new ZeroSeries(
                    EndToEndLatency.Name, EndToEndLatency.Description, EndToEndLatency.Bounds, latency.Known, () => latency.IsTold),
            latency => latency.HoldAsync);
    }
}
