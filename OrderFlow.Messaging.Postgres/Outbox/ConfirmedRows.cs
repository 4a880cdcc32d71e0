using Npgsql;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Rows of the outbox whose events the broker has confirmed. The next transaction of the service deletes them with its
/// own writes; when none comes, <see cref="PipelinedDispatch"/> does.
/// </summary>
internal sealed class ConfirmedRows
{
    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _rows = [];
    private readonly HashSet<Guid> _beingDeleted = [];

    /// <param name="rows">Ids of events that have rows of their own, and of batches.</param>
    public void Add(IReadOnlyCollection<Guid> rows)
    {
        lock (_gate)
        {
            _rows.UnionWith(rows);
        }
    }

    /// <summary>All of them, those that are just being deleted included.</summary>
    public Guid[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _rows, .. _beingDeleted];
        }
    }

    /// <summary>Takes all of them for a transaction; they come back when it does not commit.</summary>
    public Deletion Take()
    {
        lock (_gate)
        {
            Guid[] taken = [.. _rows];
            _rows.Clear();
            _beingDeleted.UnionWith(taken);
            return new Deletion(this, taken);
        }
    }

    private void End(Guid[] taken, bool deleted)
    {
        lock (_gate)
        {
            _beingDeleted.ExceptWith(taken);
            if (!deleted)
            {
                _rows.UnionWith(taken);
            }
        }
    }

    /// <summary>What one transaction deletes.</summary>
    internal sealed class Deletion(ConfirmedRows rows, Guid[] taken) : IDisposable
    {
        private bool _committed;

        /// <summary>How many rows.</summary>
        public int Count => taken.Length;

        /// <summary>The statement; <see langword="null"/> when there is nothing to delete.</summary>
        public NpgsqlBatchCommand? Statement => taken.Length == 0 ? null : OutboxTable.ToDelete(taken);

        /// <summary>The transaction has committed.</summary>
        public void Committed() => _committed = true;

        public void Dispose() => rows.End(taken, _committed);
    }
}
