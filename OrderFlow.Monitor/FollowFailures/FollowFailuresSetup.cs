namespace OrderFlow.Monitor.FollowFailures;

/// <summary>Retries, dead letters and what was decided about them: heard from the services, kept beside the events.</summary>
internal static class FollowFailuresSetup
{
    public static void AddFollowFailures(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NoticeStore>();
        builder.Services.AddSingleton<NoticeReceiver>();
        builder.Services.AddSingleton<HandlingReader>();
    }
}
