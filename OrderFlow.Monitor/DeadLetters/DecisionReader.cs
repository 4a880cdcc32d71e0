using System.Text.Json;
using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>Reads what was decided about dead letters, here and by the command line, with what came of it.</summary>
internal sealed class DecisionReader(NpgsqlDataSource database)
{
    // Parameters: at most so many, and which run, if only one is meant.
    private const string Latest = """
        WITH known AS (
            SELECT run, min(service) AS service, min(at) AS at, bool_or(kind = 'discarded') AS discarding, min(reason)
                FILTER (WHERE kind = 'discarded') AS reason,
                min(decided_by) AS decided_by,
                count(DISTINCT event_id) FILTER (WHERE kind IN ('replayed', 'discarded')) AS dispatched,
                count(DISTINCT event_id) FILTER (WHERE kind = 'handled') AS handled,
                count(DISTINCT event_id) FILTER (WHERE kind = 'dead-lettered') AS failed
            FROM handling WHERE run IS NOT NULL AND ($2::uuid IS NULL OR run = $2) GROUP BY run
        )
        SELECT run, coalesce(decisions.at, known.at), coalesce(action, CASE WHEN discarding THEN 'discard'
            ELSE 'replay' END), coalesce(decisions.service, known.service),
            selection, coalesce(decisions.reason, known.reason), coalesce(decisions.decided_by, known.decided_by),
            holder, peer, ended_at, count, problem,
            coalesce(dispatched, 0), coalesce(handled, 0), coalesce(failed, 0), stopped_by, ramp
        FROM decisions FULL JOIN known USING (run)
        WHERE $2::uuid IS NULL OR run = $2
        ORDER BY 2 DESC LIMIT $1
        """;

    /// <summary>The latest decisions.</summary>
    public Task<IReadOnlyList<DecisionOutcome>> LatestAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(limit, run: null, cancellationToken);

    /// <summary>One decision; <see langword="null"/> when there is none with this id.</summary>
    public async Task<DecisionOutcome?> FindAsync(Guid run, CancellationToken cancellationToken) =>
        (await ReadAsync(1, run, cancellationToken)).SingleOrDefault();

    private async Task<IReadOnlyList<DecisionOutcome>> ReadAsync(int limit, Guid? run, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Latest);
        command.Parameters.AddRange(
            new[]
            {
                Sql.Value(limit),
                new NpgsqlParameter { Value = (object?)run ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
            });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var decisions = new List<DecisionOutcome>();
        while (await reader.ReadAsync(cancellationToken))
        {
            decisions.Add(new DecisionOutcome(
                reader.GetGuid(0), reader.Time(1), reader.GetString(2), reader.GetString(3), reader.TextOrNull(4), reader.TextOrNull(5),
                reader.TextOrNull(6), reader.TextOrNull(7),
                reader.TextOrNull(8), reader.TimeOrNull(9), reader.IntegerOrNull(10), reader.TextOrNull(11), reader.GetInt64(12),
                reader.GetInt64(13), reader.GetInt64(14))
            {
                StoppedBy = reader.TextOrNull(15),
                Ramp = reader.TextOrNull(16) is { } ramp ? JsonSerializer.Deserialize(ramp, StoredRunJson.Default.StagedReplayRun) : null,
            });
        }

        return decisions;
    }
}
