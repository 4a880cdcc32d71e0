using Microsoft.Extensions.Logging;
using Npgsql;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Migrations;

/// <summary>
/// Brings a database up to date. Every migration runs in a transaction of its own, which also records it, under a lock of
/// the database that ends with that transaction: of several replicas starting at once, one applies it and the others see it.
/// </summary>
internal sealed class MigrationRunner(NpgsqlDataSource database, ILogger<MigrationRunner> logger)
{
    /// <summary>Advisory lock of whoever changes the schema; the value only has to be the same in every replica.</summary>
    private const long Lock = 0x4F464D4947524154;

    private const string TakeLock = "SELECT pg_advisory_xact_lock($1)";

    private const string CreateRecords = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            scope      text        NOT NULL,
            version    integer     NOT NULL,
            name       text        NOT NULL,
            checksum   text        NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (scope, version))
        """;

    private const string ReadRecords = "SELECT version, name, checksum FROM schema_migrations WHERE scope = $1 ORDER BY version";

    private const string WriteRecord = "INSERT INTO schema_migrations (scope, version, name, checksum) VALUES ($1, $2, $3, $4)";

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="MigrationException">What was applied is not what the set says, or a migration fails.</exception>
    public async Task RunAsync(MigrationSet set, CancellationToken cancellationToken)
    {
        while (await ApplyNextAsync(set, cancellationToken))
        {
            // One transaction each, so that a failing migration keeps those before it.
        }
    }

    private async Task<bool> ApplyNextAsync(MigrationSet set, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, TakeLock, [new NpgsqlParameter<long> { TypedValue = Lock }], cancellationToken);
        await ExecuteAsync(connection, CreateRecords, [], cancellationToken);
        var pending = NextOf(set, await AppliedAsync(connection, set.Scope, cancellationToken));
        if (pending is not null)
        {
            await ApplyAsync(connection, set.Scope, pending, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (pending is not null)
        {
            Log.MigrationApplied(logger, pending.ToString(), set.Scope);
        }

        return pending is not null;
    }

    private static Migration? NextOf(MigrationSet set, Dictionary<int, (string Name, string Checksum)> applied)
    {
        // A newer release may have been here: what it applied and this one does not know is its own business.
        foreach (var migration in set.Migrations)
        {
            if (!applied.TryGetValue(migration.Version, out var record))
            {
                return applied.Keys.Any(version => version > migration.Version)
                    ? throw new MigrationException(
                        $"Migration {migration} of '{set.Scope}' is missing in the database "
                        + $"although version {applied.Keys.Max()} is applied. "
                        + "Probably it was added later with a lower number. Give it the next free number.")
                    : migration;
            }

            if (record.Checksum != migration.Checksum)
            {
                throw new MigrationException(
                    $"Migration {migration} of '{set.Scope}' was applied to the database with another text "
                    + $"(as {migration.Version:0000}-{record.Name}, checksum {record.Checksum[..12]}…, "
                    + $"now {migration.Checksum[..12]}…). "
                    + "An applied migration must not change: restore its text and write the change as a new migration.");
            }
        }

        return null;
    }

    private static async Task ApplyAsync(
        NpgsqlConnection connection, string scope, Migration migration, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, migration.Sql, [], cancellationToken);
        }
        catch (PostgresException exception) when (!DatabaseFault.IsTransient(exception))
        {
            throw new MigrationException(
                $"Migration {migration} of '{scope}' failed and was rolled back: "
                + $"{exception.MessageText} ({exception.SqlState}). Correct its SQL and start again.",
                exception);
        }

        await ExecuteAsync(
            connection,
            WriteRecord,
            [
                new() { Value = scope },
                new() { Value = migration.Version },
                new() { Value = migration.Name },
                new() { Value = migration.Checksum },
            ],
            cancellationToken);
    }

    private static async Task<Dictionary<int, (string Name, string Checksum)>> AppliedAsync(
        NpgsqlConnection connection, string scope, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadRecords, connection) { Parameters = { new() { Value = scope } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var applied = new Dictionary<int, (string, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetString(2)));
        }

        return applied;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        // No time-out: another replica's migration may take long, and so may this one.
#pragma warning disable CA2100 // The SQL comes from this file or from an embedded resource.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
