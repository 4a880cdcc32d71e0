namespace OrderFlow.Hosting.Testing;

/// <summary>The builder of an AppHost under test, complete but not built: a test may still change it.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IDisposable, IAsyncDisposable
{
    /// <summary>Builds the application. It starts with <see cref="DistributedApplication.StartAsync"/>.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
