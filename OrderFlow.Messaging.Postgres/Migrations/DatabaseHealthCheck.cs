using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>Healthy when the database answers and its schema is up to date.</summary>
internal sealed class DatabaseHealthCheck(NpgsqlDataSource database, DatabaseMigrator schema) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            command.CommandTimeout = 5;
            await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            return new HealthCheckResult(
                context.Registration.FailureStatus, $"The database does not answer: {exception.Message}", exception);
        }

        return schema.IsReady
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "The database's schema is not up to date yet.");
    }
}
