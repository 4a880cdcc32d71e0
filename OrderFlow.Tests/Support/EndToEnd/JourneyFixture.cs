namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>One running system for the tests that do not break it.</summary>
public sealed class JourneyFixture : IAsyncLifetime
{
    public const string Collection = "one running system";

    internal OrderFlowHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await OrderFlowHost.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
        }
    }
}
