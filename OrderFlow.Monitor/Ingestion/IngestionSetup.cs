using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores what the wire tap delivers: every event once, and the life-cycle events that say what became of it at its consumers.
/// </summary>
internal static class IngestionSetup
{
    public static void AddIngestion(this WebApplicationBuilder builder)
    {
        builder.AddTap<EventReceiver>("monitor", EventExchanges.All);
        builder.Services.AddSingleton<EventReceiver>();
        builder.Services.AddSingleton<EventStore>();
        builder.Services.AddSingleton<LifecycleEventReceiver>();
        builder.Services.AddSingleton<LifecycleEventStore>();
        builder.Services.AddSingleton<Quarantine>();
        builder.Services.AddSingleton<StoreProgress>();
    }
}
