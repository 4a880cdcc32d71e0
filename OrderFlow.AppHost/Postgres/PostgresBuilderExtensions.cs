using Microsoft.Extensions.DependencyInjection;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Postgres;

/// <summary>
/// The database server: a container when there is an engine for it, otherwise a server run from the distribution's programs.
/// </summary>
internal static class PostgresBuilderExtensions
{
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabaseServer(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings)
    {
        var (userName, password) = builder.AddCredentials(name, settings);
        return settings.UsesContainers
            ? builder.AddContainer(name, userName, password, settings)
            : builder.AddNode(name, userName, password, settings);
    }

    /// <summary>
    /// Adds a database, whose connection string has its name and the administrator's password. The service that owns it logs in as itself,
    /// creates its tables, and is the only service that can.
    /// </summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(
        this IResourceBuilder<IResourceWithConnectionString> server, string name, string owner, SystemSettings settings)
    {
        var role = DatabaseOwner.RoleOf(owner);
        var password = server.ApplicationBuilder.AddServicePassword(server.Resource.Name, owner, role, settings).Resource;
        var endpoint = new EndpointReference((IResourceWithEndpoints)server.Resource, PostgresNodeResource.Endpoint);
        var (host, port) = (endpoint.Property(EndpointProperty.IPV4Host), endpoint.Property(EndpointProperty.Port));
        var login = ReferenceExpression.Create($"Host={host};Port={port};Username={role};Password={password};Database={name}");
        // Healthy when its owner can log in.
        var check = $"{name}_owner_check";
        server.ApplicationBuilder.Services.AddPostgresHealthCheck(check, login);
        server.WithAnnotation(new DatabaseOwner(name, role, password));
        IResourceBuilder<IResourceWithConnectionString> database = server switch
        {
            IResourceBuilder<PostgresServerResource> container => container.AddDatabase(name, databaseName: null).WithHealthCheck(check),
            IResourceBuilder<PostgresNodeResource> node => node.AddNodeDatabase(name).WithHealthCheck(check),
            _ => throw new DistributedApplicationException(
                $"Resource '{server.Resource.Name}' is no database server; it cannot have the database '{name}'."),
        };
        return database.WithAnnotation(new ServiceLogin(owner, login));
    }

    /// <summary>The service works with the database, as the user who owns it.</summary>
    public static IResourceBuilder<ProjectResource> WithDatabase(
        this IResourceBuilder<ProjectResource> service,
        IResourceBuilder<IResourceWithConnectionString> database) => service.LogsInAt(database).WaitFor(database);

    public static void AddPostgresHealthCheck(this IServiceCollection services, string name, ReferenceExpression login) => services
        .AddHealthChecks()
        .AddNpgSql(_ => $"{login.GetValueAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult()};Pooling=false", name: name);

    /// <summary>Makes the databases and their owners, whenever the server is ready.</summary>
    private static async Task MakeDatabasesAsync(IResourceWithConnectionString server, CancellationToken cancellationToken)
    {
        List<(string, string, string)> owners = [];
        foreach (var owner in server.Annotations.OfType<DatabaseOwner>())
        {
            owners.Add((owner.Database, owner.Role, await owner.Password.GetValueAsync(cancellationToken) ?? ""));
        }

        var administrator = await server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        await DatabaseOwners.MakeAsync(administrator!, owners, cancellationToken);
    }

    private static IResourceBuilder<PostgresServerResource> AddContainer(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password, SystemSettings settings)
    {
        var container = builder.AddPostgres(name, userName, password, settings.Ports.Postgres).WithImageTag(PostgresImage.Tag)
            .OnResourceReady((server, _, cancellationToken) => MakeDatabasesAsync(server, cancellationToken));
        return settings.IsTest ? container : container.WithDataVolume();
    }

    private static IResourceBuilder<PostgresNodeResource> AddNode(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password, SystemSettings settings)
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
        builder.Services.AddPostgresHealthCheck(check, ReferenceExpression.Create($"{node};Database=postgres"));
        return builder.AddResource(node)
            .WithIconName("DatabaseMultiple")
            .WithArgs(Path.Combine(builder.AppHostDirectory, "Postgres", "postgres-node.sh"))
            .WithEndpoint(
                port: settings.Ports.Postgres, scheme: "tcp", name: PostgresNodeResource.Endpoint, env: "NODE_PORT", isProxied: false)
            .WithEnvironment("POSTGRES_BIN", settings.PostgresBin ?? "")
            .WithEnvironment("NODE_DIRECTORY", directory)
            .WithEnvironment("NODE_PASSAGE", settings.RunDirectory.FullPath)
            .WithEnvironment("NODE_USER", userName)
            .WithEnvironment("NODE_PASSWORD", password)
            .WithHealthCheck(check)
            .ShowsItsDatabases(MakeDatabasesAsync);
    }
}
