using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Migrations;

namespace OrderFlow.Messaging.Postgres.Inbox;

/// <summary>Deletes inbox rows that are older than the retention, a little at a time, one replica at a time.</summary>
internal sealed class InboxCleanup(
    NpgsqlDataSource database, DatabaseMigrator schema, IOptions<DurabilityOptions> options, TimeProvider time,
    ILogger<InboxCleanup> logger) : BackgroundService
{
    /// <summary>Advisory lock of the replica that cleans up.</summary>
    public const long Lock = 0x4F46434C45414E;

    private const string Delete = """
        DELETE FROM inbox WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM inbox WHERE received_at < now() - $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await DeleteAllAsync(stoppingToken);
            }
#pragma warning disable CA1031 // One round that fails must not end the service; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.CleanupFailed(logger, options.Value.CleanupInterval, exception);
            }

            await Task.Delay(options.Value.CleanupInterval, time, stoppingToken);
        }
    }

    private async Task DeleteAllAsync(CancellationToken cancellationToken)
    {
        long total = 0;
        while (await DeleteSomeAsync(cancellationToken) is { } deleted)
        {
            total += deleted;
            if (deleted < options.Value.CleanupBatch)
            {
                break;
            }
        }

        if (total > 0)
        {
            Log.InboxCleaned(logger, total, options.Value.InboxRetention);
        }
    }

    /// <summary>Deletes one batch and returns its size; <see langword="null"/> while another replica cleans up.</summary>
    public async Task<int?> DeleteSomeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var tryLock = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = Lock } },
        };
        if (await tryLock.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return null;
        }

        await using var delete = new NpgsqlCommand(Delete, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.InboxRetention },
                new NpgsqlParameter<int> { TypedValue = options.Value.CleanupBatch },
            },
        };
        var deleted = await delete.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return deleted;
    }
}
