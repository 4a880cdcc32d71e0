using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.AppHost.Resources.Postgres;

/// <summary>The database server: a container when there is an engine for it, otherwise a server run from the distribution's programs.</summary>
internal static partial class DatabaseServer
{
    private const int PasswordLength = 32;

    public static IResourceBuilder<IResourceWithConnectionString> AddDatabaseServer(this IDistributedApplicationBuilder builder, string name, Settings settings)
    {
        var userName = builder.AddParameter($"{name}-user", "orderflow");
        // Letters and digits alone: nothing that a connection string would have to quote.
        var password = builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = PasswordLength, Special = false }, secret: true, persist: true);

        IResourceBuilder<IResourceWithConnectionString>? server = null;
        AddContainer(builder, name, userName, password, settings, ref server);
        return server ?? builder.AddNode(name, userName, password, settings);
    }

    /// <summary>Adds a database, whose connection string has its name. The service that owns it creates its tables.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(this IResourceBuilder<IResourceWithConnectionString> server, string name)
    {
        if (server.Resource is PostgresNodeResource node)
        {
            node.Databases.Add(name);
            return server.ApplicationBuilder.CreateResourceBuilder(new PostgresNodeDatabaseResource(name, node));
        }

        IResourceBuilder<IResourceWithConnectionString>? database = null;
        AddDatabaseInContainer(server, name, ref database);
        return database ?? throw new DistributedApplicationException($"Resource '{server.Resource.Name}' is no database server; it cannot have the database '{name}'.");
    }

    /// <summary>Compiled only where containers are: see Containers/.</summary>
    static partial void AddContainer(
        IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        Settings settings,
        ref IResourceBuilder<IResourceWithConnectionString>? server);

    static partial void AddDatabaseInContainer(
        IResourceBuilder<IResourceWithConnectionString> server,
        string name,
        ref IResourceBuilder<IResourceWithConnectionString>? database);

    private static IResourceBuilder<PostgresNodeResource> AddNode(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        Settings settings)
    {
        builder.Require(Path.Combine(settings.PostgresBin ?? "postgresql", "initdb"), "postgresql");
        builder.OnBeforeStart((_, _) =>
        {
            settings.RunDirectory.Create(name);
            return Task.CompletedTask;
        });

        var directory = settings.RunDirectory.In(name);
        var checkKey = $"{name}-login";
        builder.Services.AddHealthChecks().AddCheck(checkKey, new StartupCheck(settings.Ports.Postgres));

        var node = new PostgresNodeResource(name, directory, userName.Resource, password.Resource);
        return builder.AddResource(node)
            .WithArgs(Path.Combine(builder.AppHostDirectory, "Resources", "Postgres", "postgres-node.sh"))
            .WithEndpoint(port: settings.Ports.Postgres, scheme: "tcp", name: PostgresNodeResource.Endpoint, isProxied: false)
            .WithEnvironment("POSTGRES_BIN", settings.PostgresBin ?? "")
            .WithEnvironment("NODE_DIRECTORY", directory)
            .WithEnvironment("NODE_PASSAGE", settings.RunDirectory.FullPath)
            .WithEnvironment("NODE_USER", userName)
            .WithEnvironment("NODE_PASSWORD", password)
            .WithEnvironment("NODE_PORT", settings.Ports.Postgres.ToString(CultureInfo.InvariantCulture))
            // Read when it starts: databases are added after the server.
            .WithEnvironment(context => context.EnvironmentVariables["NODE_DATABASES"] = string.Join(' ', node.Databases))
            .WithHealthCheck(checkKey);
    }
}
