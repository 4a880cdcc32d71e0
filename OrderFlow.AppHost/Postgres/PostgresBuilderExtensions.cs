using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Postgres;

/// <summary>The database server: a container when there is an engine for it, otherwise a server run from the distribution's programs.</summary>
internal static class PostgresBuilderExtensions
{
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabaseServer(this IDistributedApplicationBuilder builder, string name, SystemSettings settings)
    {
        var (userName, password) = builder.AddCredentials(name, settings);
        return settings.UsesContainers
            ? builder.AddContainer(name, userName, password, settings)
            : builder.AddNode(name, userName, password, settings);
    }

    /// <summary>Adds a database, whose connection string has its name. The service that owns it creates its tables.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(this IResourceBuilder<IResourceWithConnectionString> server, string name) => server switch
    {
        IResourceBuilder<PostgresServerResource> container => container.AddDatabase(name, databaseName: null),
        IResourceBuilder<PostgresNodeResource> node => PostgresNodeDatabases.AddDatabase(node, name),
        _ => throw new DistributedApplicationException($"Resource '{server.Resource.Name}' is no database server; it cannot have the database '{name}'."),
    };

    private static IResourceBuilder<PostgresServerResource> AddContainer(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> userName, IResourceBuilder<ParameterResource> password, SystemSettings settings)
    {
        var container = builder.AddPostgres(name, userName, password, settings.Ports.Postgres).WithImageTag(PostgresImage.Tag);
        return settings.IsTest ? container : container.WithDataVolume();
    }

    private static IResourceBuilder<PostgresNodeResource> AddNode(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> userName, IResourceBuilder<ParameterResource> password, SystemSettings settings)
    {
        settings.Require(Path.Combine(settings.PostgresBin ?? "/usr/lib/postgresql/…/bin", "initdb"), "postgresql");
        builder.OnBeforeStart((_, _) =>
        {
            settings.RunDirectory.Create(name);
            return Task.CompletedTask;
        });

        var directory = settings.RunDirectory.In(name);
        var node = new PostgresNodeResource(name, directory, userName.Resource, password.Resource);
        var check = $"{name}_check";
        builder.Services.AddPostgresHealthCheck(check, node, ";Database=postgres");
        return builder.AddResource(node)
            .WithIconName("DatabaseMultiple")
            .WithArgs(Path.Combine(builder.AppHostDirectory, "Postgres", "postgres-node.sh"))
            .WithEndpoint(port: settings.Ports.Postgres, scheme: "tcp", name: PostgresNodeResource.Endpoint, env: "NODE_PORT", isProxied: false)
            .WithEnvironment("POSTGRES_BIN", settings.PostgresBin ?? "")
            .WithEnvironment("NODE_DIRECTORY", directory)
            .WithEnvironment("NODE_PASSAGE", settings.RunDirectory.FullPath)
            .WithEnvironment("NODE_USER", userName)
            .WithEnvironment("NODE_PASSWORD", password)
            .WithHealthCheck(check)
            .MakesItsDatabases();
    }
}
