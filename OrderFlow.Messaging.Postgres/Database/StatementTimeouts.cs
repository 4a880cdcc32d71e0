using Npgsql;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>
/// Distinguishes an event whose own statement times out from a database that is slow for all. It is the event when it was alone in its
/// transaction and others were committed meanwhile; or, with no other event about, when the database answers otherwise.
/// </summary>
internal sealed class StatementTimeouts(NpgsqlDataSource database, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();

    /// <summary>Events that have timed out since the last commit.</summary>
    private readonly HashSet<Guid> _timedOut = [];
    private long _commits;
    private int _underWay;

    /// <summary>A transaction begins; returns what its end is compared with.</summary>
    public long Begin()
    {
        lock (_gate)
        {
            _underWay++;
            return _commits;
        }
    }

    public void Committed()
    {
        lock (_gate)
        {
            _commits++;
            _timedOut.Clear();
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _underWay--;
        }
    }

    /// <summary>
    /// What the time-out of a transaction with this event alone means: the event's own failure, or one of the database, which is waited
    /// for.
    /// </summary>
    public async Task<Exception> JudgeAsync(Guid eventId, long begun, Exception exception, CancellationToken cancellationToken)
    {
        bool othersSucceed, othersFail;
        lock (_gate)
        {
            (othersSucceed, othersFail) = (_commits > begun, _underWay > 1 || _timedOut.Any(other => other != eventId));
            _timedOut.Add(eventId);
        }

        if (!othersSucceed && !await AnswersAsync(cancellationToken))
        {
            database.Clear();
            return new DatabaseUnreachableException(exception);
        }

        return othersSucceed || !othersFail ? new StatementTimedOutException(exception) : new BatchNotHandledException(exception);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(
            static source => ((CancellationTokenSource)source!).Cancel(), limit, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
