namespace OrderFlow.Monitor.Ingestion;

/// <summary>Stores every event that the tap hears, once.</summary>
internal static class StoreEventsSetup
{
    public static void AddStoreEvents(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventStore>();
        builder.Services.AddSingleton<Quarantine>();
        builder.Services.AddSingleton<EventReceiver>();
        builder.Services.AddSingleton<StoreProgress>();
    }
}
