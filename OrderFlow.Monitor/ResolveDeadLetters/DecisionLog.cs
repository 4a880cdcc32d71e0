using Npgsql;
using OrderFlow.Messaging.Replaying;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.ResolveDeadLetters;

/// <summary>
/// The audit of what was decided about dead letters: a line before anything is done, which the same line's end completes. What the command
/// line decides has no line here; its notices are shown all the same.
/// </summary>
internal sealed class DecisionLog(NpgsqlDataSource database, TimeProvider time)
{
    private const string Begin = """
        INSERT INTO decisions (run, at, action, service, selection, reason, decided_by, holder, peer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    private const string End = "UPDATE decisions SET ended_at = $2, count = $3, problem = $4 WHERE run = $1";

    private const string Latest = """
        WITH told AS (
            SELECT run, min(service) AS service, min(at) AS at, bool_or(kind = 'discarded') AS discarding, min(reason) FILTER (WHERE kind = 'discarded') AS reason,
                min(decided_by) AS decided_by,
                count(DISTINCT event_id) FILTER (WHERE kind IN ('replayed', 'discarded')) AS dispatched,
                count(DISTINCT event_id) FILTER (WHERE kind = 'handled') AS handled,
                count(DISTINCT event_id) FILTER (WHERE kind = 'dead-lettered') AS failed
            FROM handling WHERE run IS NOT NULL GROUP BY run
        )
        SELECT run, coalesce(decisions.at, told.at), coalesce(action, CASE WHEN discarding THEN 'discard' ELSE 'replay' END), coalesce(decisions.service, told.service),
            selection, coalesce(decisions.reason, told.reason), coalesce(decisions.decided_by, told.decided_by), holder, peer, ended_at, count, problem,
            coalesce(dispatched, 0), coalesce(handled, 0), coalesce(failed, 0)
        FROM decisions FULL JOIN told USING (run)
        ORDER BY 2 DESC LIMIT $1
        """;

    /// <summary>Does it between two lines: what cannot be noted is not done.</summary>
    /// <param name="service">The service whose dead letters are meant.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="action"><c>replay</c> or <c>discard</c>.</param>
    /// <param name="requester">Who asked for it.</param>
    /// <param name="work">Does it, under the run's id.</param>
    /// <param name="count">How many dead letters the result says it concerned.</param>
    public async Task<T> NoteAsync<T>(string service, Decision decision, string action, Requester requester, Func<Guid, Task<T>> work, Func<T, int> count)
    {
        var run = Guid.CreateVersion7(time.GetUtcNow());
        await ExecuteAsync(
            Begin, Sql.Value(run), Sql.Time(time.GetUtcNow()), Sql.Text(action), Sql.Text(service), Sql.Text(decision.Selection!.Describe()), Sql.Text(Clean(decision.Reason)),
            Sql.Text(Clean(decision.By)), Sql.Text(requester.Holder), Sql.Text(requester.Peer));
        try
        {
            var result = await work(run);
            await EndAsync(run, count(result), problem: null);
            return result;
        }
        catch (ReplayException exception)
        {
            await EndAsync(run, count: null, exception.Message);
            throw;
        }
    }

    /// <summary>The latest decisions, with what came of each.</summary>
    public async Task<IReadOnlyList<DecisionOutcome>> LatestAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Latest);
        command.Parameters.Add(Sql.Value(limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var decisions = new List<DecisionOutcome>();
        while (await reader.ReadAsync(cancellationToken))
        {
            decisions.Add(new DecisionOutcome(
                reader.GetGuid(0), reader.Time(1), reader.GetString(2), reader.GetString(3), reader.TextOrNull(4), reader.TextOrNull(5), reader.TextOrNull(6), reader.TextOrNull(7),
                reader.TextOrNull(8), reader.TimeOrNull(9), reader.IntegerOrNull(10), reader.TextOrNull(11), reader.GetInt64(12), reader.GetInt64(13), reader.GetInt64(14)));
        }

        return decisions;
    }

    private Task EndAsync(Guid run, int? count, string? problem) => ExecuteAsync(
        End, Sql.Value(run), Sql.Time(time.GetUtcNow()), new NpgsqlParameter { Value = (object?)count ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer }, Sql.Text(Clean(problem)));

    private async Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static string? Clean(string? text) => text is null ? null : StoreEvents.HeaderJson.Clean(text);
}
