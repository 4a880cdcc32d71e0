using Npgsql;

namespace OrderFlow.Monitor.Storage;

/// <summary>
/// The connection of one storer, with its staging table and what it knows of the partitions, for as long as all goes well. One transaction
/// at a time.
/// </summary>
/// <param name="database">Where to.</param>
/// <param name="partitions">Makes those of the days that come.</param>
/// <param name="makeStaging">Makes the staging table, which belongs to the connection, if it is not there.</param>
internal sealed class StoringConnection(NpgsqlDataSource database, Partitions partitions, string? makeStaging = null) : IAsyncDisposable
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
            _connection ??= await OpenAsync(cancellationToken);
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

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        if (makeStaging is null)
        {
            return connection;
        }

        try
        {
#pragma warning disable CA2100 // A constant of the storer.
            await using var command = new NpgsqlCommand(makeStaging, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
