using Npgsql;

namespace OrderFlow.Monitor.Storage;

/// <summary>
/// The connection of one storer, with its prepared statements and what it knows of the partitions, for as long as all goes well. One
/// transaction at a time.
/// </summary>
/// <param name="database">Where to.</param>
/// <param name="partitions">Makes those of the days that come.</param>
internal sealed class StoringConnection(NpgsqlDataSource database, Partitions partitions) : IAsyncDisposable
{
    private readonly HashSet<DateOnly> _days = [];
    private NpgsqlConnection? _connection;

    /// <summary>Stores rows of these days in one transaction.</summary>
    public async Task<T> StoreAsync<T>(
        IEnumerable<DateOnly> days, Func<NpgsqlConnection, Task<T>> store, CancellationToken cancellationToken)
    {
        try
        {
            await MakePartitionsAsync(days, cancellationToken);
            _connection ??= await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
            var stored = await store(_connection);
            await transaction.CommitAsync(cancellationToken);
            return stored;
        }
        catch
        {
            // Whatever state the connection is in, and whoever dropped a partition meanwhile: the next batch begins afresh.
            _days.Clear();
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task MakePartitionsAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        var missing = days.Distinct().Where(day => !_days.Contains(day)).ToList();
        if (missing.Count > 0)
        {
            await partitions.MakeAsync(missing, cancellationToken);
            _days.UnionWith(missing);
        }
    }
}
