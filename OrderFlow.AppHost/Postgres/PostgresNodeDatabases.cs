using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.AppHost.Postgres;

/// <summary>
/// The databases of a native server as resources, as Aspire shows those of its container: running when they are made, and in the state of
/// their server otherwise.
/// </summary>
internal static class PostgresNodeDatabases
{
    public static IResourceBuilder<PostgresNodeDatabaseResource> AddNodeDatabase(
        this IResourceBuilder<PostgresNodeResource> server, string name)
    {
        var database = new PostgresNodeDatabaseResource(name, server.Resource);
        server.Resource.Databases.Add(database);
        return server.ApplicationBuilder.AddResource(database)
            .WithIconName("Database")
            .WithInitialState(new() { ResourceType = "PostgresDatabase", State = KnownResourceStates.Waiting, Properties = [] });
    }

    /// <summary>Makes the databases whenever the server is ready, and takes them along when it stops.</summary>
    public static IResourceBuilder<PostgresNodeResource> ShowsItsDatabases(
        this IResourceBuilder<PostgresNodeResource> server, Func<PostgresNodeResource, CancellationToken, Task> make) => server
        .OnResourceReady(async (node, ready, cancellationToken) =>
        {
            await make(node, cancellationToken);
            foreach (var database in node.Databases)
            {
                await ShowAsync(ready.Services, database, KnownResourceStates.Running);
            }
        })
        .OnResourceStopped(async (node, stopped, _) =>
        {
            foreach (var database in node.Databases)
            {
                await ShowAsync(stopped.Services, database, KnownResourceStates.Exited);
            }
        });

    private static Task ShowAsync(IServiceProvider services, IResource database, string state) =>
        services.GetRequiredService<ResourceNotificationService>()
            .PublishUpdateAsync(database, snapshot => snapshot with { State = state });
}
