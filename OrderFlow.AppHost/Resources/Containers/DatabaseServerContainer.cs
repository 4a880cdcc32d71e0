using OrderFlow.AppHost.Resources.Containers;

namespace OrderFlow.AppHost.Resources.Postgres;

/// <content>The database server as a container.</content>
internal static partial class DatabaseServer
{
    static partial void AddContainer(
        IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        Settings settings,
        ref IResourceBuilder<IResourceWithConnectionString>? server)
    {
        if (!ContainerEngine.IsThere)
        {
            return;
        }

        var container = builder.AddPostgres(name, userName, password, settings.Ports.Postgres).WithImageTag(ContainerImages.PostgresTag);
        server = settings.IsTest ? container : container.WithDataVolume("orderflow-postgres");
    }

    static partial void AddDatabaseInContainer(
        IResourceBuilder<IResourceWithConnectionString> server,
        string name,
        ref IResourceBuilder<IResourceWithConnectionString>? database)
    {
        if (server is IResourceBuilder<PostgresServerResource> container)
        {
            database = container.AddDatabase(name);
        }
    }
}
