using Npgsql;
using OrderFlow.Benchmarks.Measuring.Samples;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>
/// The database server of a running system, as the measurement looks at it. An order has come to its end when it has its row in the table
/// <c>notifications</c>, which every implementation has; only the table's end is read each time, so that counting costs next to nothing,
/// however long it becomes.
/// </summary>
internal sealed class DurableDatabase(Func<string, string> database) : IAsyncDisposable
{
    public const string NotificationsName = "notifications";

    /// <summary>Pages at the table's end, of 8 KB each, in which rows may still appear.</summary>
    private const long OpenPages = 256;

    private const int VersionWithWalIo = 18;

    private readonly NpgsqlDataSource _server = NpgsqlDataSource.Create(database("postgres"));
    private long _closedPages;
    private long _closedRows;
    private long _counted;
    private long _queries;

    /// <summary>The database with the notifications.</summary>
    public NpgsqlDataSource Notifications { get; } = NpgsqlDataSource.Create(database(NotificationsName));

    public async Task<long> CountEndedAsync(CancellationToken cancellationToken)
    {
        var end = await AskAsync("SELECT pg_relation_size('notifications') / 8192", cancellationToken) - OpenPages;
        if (end > _closedPages + OpenPages)
        {
            _closedRows += await AskAsync(
                $"SELECT count(*) FROM notifications WHERE ctid >= '({_closedPages},0)' AND ctid < '({end},0)'", cancellationToken);
            _closedPages = end;
        }

        var counted = _closedRows
            + await AskAsync($"SELECT count(*) FROM notifications WHERE ctid >= '({_closedPages},0)'", cancellationToken);
        if (counted == _counted)
        {
            // A session that was idle goes on in the page that it wrote last, wherever that is: when nothing seems to come, all is counted.
            (_closedPages, _closedRows) = (0, 0);
            counted = await AskAsync("SELECT count(*) FROM notifications", cancellationToken);
        }

        _counted = counted;
        return counted;
    }

    /// <summary>What the server has done, without what was asked here.</summary>
    public async Task<ServerCounters> ReadServerAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _server.OpenConnectionAsync(cancellationToken);
        var syncs = connection.PostgreSqlVersion.Major >= VersionWithWalIo
            ? "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'"
            : "SELECT wal_sync FROM pg_stat_wal";
        // A transaction that changes something takes a number, and those are counted at once; the statistics lag by a second.
        await using var command = new NpgsqlCommand(
            $"""
            SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname <> 'postgres')::bigint,
                pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, ({syncs})
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(reader.GetInt64(0), reader.GetInt64(1) - _queries, reader.GetInt64(2), reader.GetInt64(3));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Notifications.DisposeAsync();
    }

    private async Task<long> AskAsync(string sql, CancellationToken cancellationToken)
    {
        _queries++;
        await using var command = Notifications.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
