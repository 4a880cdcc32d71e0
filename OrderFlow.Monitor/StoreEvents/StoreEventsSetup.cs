namespace OrderFlow.Monitor.StoreEvents;

/// <summary>Stores every event that the tap hears, once.</summary>
internal static class StoreEventsSetup
{
    public static void AddStoreEvents(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventStore>();
        builder.Services.AddSingleton<SetAside>();
        builder.Services.AddSingleton<EventReceiver>();
        builder.Services.AddSingleton<StoreProgress>();
    }
}
