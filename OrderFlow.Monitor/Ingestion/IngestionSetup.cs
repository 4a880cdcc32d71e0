using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores what the wire tap delivers: every event once, and the life-cycle events that say what became of it at its consumers.
/// </summary>
internal static class IngestionSetup
{
    private const int LargestBatch = 5000;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(150);

    public static void AddIngestion(this WebApplicationBuilder builder)
    {
        // Nobody needs a page sooner than that; before the tap reads its settings, which may say otherwise.
        builder.Services.Configure<TapOptions>(tap =>
        {
            (tap.BatchSize, tap.BatchWait, tap.Prefetch) = (LargestBatch, Gathering, 3 * LargestBatch);
        });
        builder.AddTap<PacedReceiver>("monitor", EventExchanges.All);
        builder.Services.AddSingleton<PacedReceiver>();
        builder.Services.AddSingleton<EventReceiver>();
        builder.Services.AddSingleton<ChunkReader>();
        builder.Services.AddSingleton<EventUpgrade>();
        builder.Services.AddSingleton<EventStore>();
        builder.Services.AddSingleton<LifecycleEventReceiver>();
        builder.Services.AddSingleton<LifecycleEventStore>();
        builder.Services.AddSingleton<Quarantine>();
        builder.Services.AddSingleton<StoreProgress>();
    }
}
