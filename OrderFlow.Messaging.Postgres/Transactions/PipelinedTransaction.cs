using Npgsql;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// A transaction of few round trips: what begins it goes to the server with the first question, and what is added goes with the commit. One
/// without a question is a single round trip, which the server makes a transaction of by itself.
/// </summary>
internal sealed class PipelinedTransaction(NpgsqlConnection connection, bool isRetry) : IBatchTransaction
{
    private readonly List<NpgsqlBatchCommand> _first = [];
    private readonly List<NpgsqlBatchCommand> _last = [];
    private bool _begun;

    public bool IsRetry => isRetry;

    public NpgsqlConnection Connection { get; } = connection;

    /// <summary>Adds a statement without a result that goes before everything else.</summary>
    public void AddFirst(NpgsqlBatchCommand command) => _first.Add(command);

    public void Add(NpgsqlBatchCommand command) => _last.Add(command);

    public Task<NpgsqlDataReader> QueryAsync(IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var batch = new NpgsqlBatch(Connection);
        if (!_begun)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        }

        _begun = true;
        MoveFirst(batch);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch.ExecuteReaderAsync(cancellationToken);
    }

    /// <summary>Executes what was added, and commits.</summary>
    /// <exception cref="CommitUnknownException">The connection was lost meanwhile: it may be committed or not.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection);
        MoveFirst(batch);
        foreach (var command in _last)
        {
            batch.BatchCommands.Add(command);
        }

        if (_begun)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception) when (DatabaseFault.LeavesCommitUnknown(exception))
        {
            throw new CommitUnknownException(exception);
        }
    }

    private void MoveFirst(NpgsqlBatch batch)
    {
        _first.ForEach(batch.BatchCommands.Add);
        _first.Clear();
    }
}
