namespace OrderFlow.Hosting.Testing;

/// <summary>Runs an AppHost in a test: its own Main, with free ports and without console output.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the AppHost up to the point where it builds its application.</summary>
    /// <typeparam name="TEntryPoint">A class of the AppHost's assembly, such as <c>Projects.OrderFlow_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>The same, with command line arguments: <c>["--Simulation:Work=false"]</c>.</summary>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, string[] args, CancellationToken cancellationToken = default)
    {
        var run = new EntryPointRun(entryPoint.Assembly, args);
        return new TestingBuilder(await run.StartAsync(cancellationToken), run);
    }
}
