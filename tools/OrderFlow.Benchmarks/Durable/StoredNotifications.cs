using Npgsql;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>
/// How many orders have come to their end: the rows of the table <c>notifications</c>, which every implementation has. Only the end of
/// the table is read each time, so that counting costs next to nothing, however long it becomes.
/// </summary>
internal sealed class StoredNotifications(NpgsqlDataSource database)
{
    /// <summary>Pages at the table's end, of 8 KB each, in which rows may still appear.</summary>
    private const long OpenPages = 256;

    private const string Pages = "SELECT pg_relation_size('notifications') / current_setting('block_size')::bigint";

    private long _closedPages;
    private long _closedRows;

    /// <summary>Transactions that counting has been: a measurement of transactions leaves them out.</summary>
    public long Queries { get; private set; }

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var end = await AskAsync(Pages, cancellationToken) - OpenPages;
        if (end > _closedPages + OpenPages)
        {
            _closedRows += await AskAsync(
                $"SELECT count(*) FROM notifications WHERE ctid >= '({_closedPages},0)' AND ctid < '({end},0)'", cancellationToken);
            _closedPages = end;
        }

        return _closedRows + await AskAsync($"SELECT count(*) FROM notifications WHERE ctid >= '({_closedPages},0)'", cancellationToken);
    }

    private async Task<long> AskAsync(string sql, CancellationToken cancellationToken)
    {
        Queries++;
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
