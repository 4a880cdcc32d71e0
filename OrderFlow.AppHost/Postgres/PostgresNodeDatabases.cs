using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace OrderFlow.AppHost.Postgres;

/// <summary>
/// The databases of a native server, as Aspire does it with its container: made when the server is ready, healthy when one can log in, and in the
/// state of their server. The service that owns a database creates its tables.
/// </summary>
internal static class PostgresNodeDatabases
{
    public static IResourceBuilder<PostgresNodeDatabaseResource> AddDatabase(this IResourceBuilder<PostgresNodeResource> server, string name)
    {
        var builder = server.ApplicationBuilder;
        var database = new PostgresNodeDatabaseResource(name, server.Resource);
        server.Resource.Databases.Add(database);
        var check = $"{name}_check";
        builder.Services.AddPostgresHealthCheck(check, database);
        return builder.AddResource(database)
            .WithIconName("Database")
            .WithInitialState(new() { ResourceType = "PostgresDatabase", State = KnownResourceStates.Waiting, Properties = [] })
            .WithHealthCheck(check);
    }

    /// <summary>Makes the databases whenever the server is ready, and takes them along when it stops.</summary>
    public static IResourceBuilder<PostgresNodeResource> MakesItsDatabases(this IResourceBuilder<PostgresNodeResource> server) => server
        .OnResourceReady(async (node, ready, cancellationToken) =>
        {
            await using var connection = new NpgsqlConnection($"{await node.ConnectionStringExpression.GetValueAsync(cancellationToken)};Database=postgres;Pooling=false");
            await connection.OpenAsync(cancellationToken);
            foreach (var database in node.Databases)
            {
                await MakeAsync(connection, database.Name, cancellationToken);
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

    public static void AddPostgresHealthCheck(this IServiceCollection services, string name, IResourceWithConnectionString source, string suffix = "") => services
        .AddHealthChecks()
        .AddNpgSql(_ => $"{source.ConnectionStringExpression.GetValueAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult()}{suffix};Pooling=false", name: name);

    private static async Task MakeAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var look = new NpgsqlCommand("SELECT FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        await using (var found = await look.ExecuteReaderAsync(cancellationToken))
        {
            if (found.HasRows)
            {
                return;
            }
        }

        using var quoting = new NpgsqlCommandBuilder();
        await using var make = new NpgsqlCommand($"CREATE DATABASE {quoting.QuoteIdentifier(name)}", connection);
        await make.ExecuteNonQueryAsync(cancellationToken);
    }

    private static Task ShowAsync(IServiceProvider services, IResource database, string state) =>
        services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(database, snapshot => snapshot with { State = state });
}
