using Npgsql;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>What the database server has done so far; the difference of two is what a load has caused.</summary>
/// <param name="Commits">Transactions that changed something, of all databases.</param>
/// <param name="Transactions">All transactions, those that only read included.</param>
/// <param name="WalBytes">Bytes of the write-ahead log.</param>
/// <param name="WalSyncs">How often the write-ahead log was brought to the disk.</param>
internal sealed record ServerCounters(long Commits, long Transactions, long WalBytes, long WalSyncs)
{
    private const int VersionWithWalIo = 180_000;

    public static async Task<ServerCounters> ReadAsync(NpgsqlDataSource server, CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenConnectionAsync(cancellationToken);
        var syncs = connection.PostgreSqlVersion.Major * 10_000 >= VersionWithWalIo
            ? "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'"
            : "SELECT wal_sync FROM pg_stat_wal";
        await using var command = new NpgsqlCommand(
            $"""
            SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname <> 'postgres')::bigint,
                pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, ({syncs})
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }
}
