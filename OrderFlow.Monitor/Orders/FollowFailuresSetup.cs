using OrderFlow.Monitor.Ingestion;

namespace OrderFlow.Monitor.Orders;

/// <summary>Retries, dead letters and what was decided about them: heard from the services, kept beside the events.</summary>
internal static class FollowFailuresSetup
{
    public static void AddFollowFailures(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LifecycleEventStore>();
        builder.Services.AddSingleton<LifecycleEventReceiver>();
        builder.Services.AddSingleton<HandlingReader>();
    }
}
