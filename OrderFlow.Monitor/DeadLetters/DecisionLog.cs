using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// The audit log of decisions about dead letters: a row before anything is done, a heartbeat while it runs, and in the end its outcome.
/// What the command line decides has no row here; its life-cycle events are shown all the same.
/// </summary>
internal sealed class DecisionLog(NpgsqlDataSource database, TimeProvider time, ILogger<DecisionLog> logger)
{
    /// <summary>How often the heartbeat of a running decision is written.</summary>
    private static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromMilliseconds(500);

    private const string Begin = """
        INSERT INTO decisions (run, at, action, service, selection, reason, decided_by, holder, peer, alive_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
        """;

    private const string Alive = "UPDATE decisions SET alive_at = now(), ramp = $2 WHERE run = $1 RETURNING stopped_by";

    private const string End = "UPDATE decisions SET ended_at = $2, count = $3, problem = $4, ramp = $5 WHERE run = $1";

    private const string Stop =
        "UPDATE decisions SET stopped_by = coalesce(stopped_by, $2) WHERE run = $1 AND action = 'ramp' AND ended_at IS NULL";

    private const string EndAbandoned = """
        UPDATE decisions SET ended_at = now(), problem = $1, count = (ramp ->> 'sent')::integer, ramp = ramp || jsonb_build_object('state',
            'interrupted', 'why', $1)
        WHERE ended_at IS NULL AND coalesce(alive_at, at) < now() - interval '30 seconds'
        """;

    private const string Abandoned =
        "The Monitor was killed, or lost its database, before it could say how this ended. What was not dealt with by then is still "
        + "a dead letter.";

    /// <summary>Records a decision before it is carried out: what cannot be recorded is not done.</summary>
    /// <returns>The run's id; <see langword="null"/> for a staged replay of a service that has a running one already.</returns>
    public async Task<Guid?> BeginAsync(string action, string service, DeadLetterDecision decision, Requester requester)
    {
        var run = Guid.CreateVersion7(time.GetUtcNow());
        try
        {
            await ExecuteAsync(
                Begin, Sql.Value(run), Sql.Time(time.GetUtcNow()), Sql.Text(action), Sql.Text(service),
                Sql.Text(Clean(decision.Selection!.Describe())), Sql.Text(Clean(decision.Reason)),
                Sql.Text(Clean(decision.By)), Sql.Text(requester.Holder), Sql.Text(requester.Peer));
            return run;
        }
        catch (PostgresException exception) when (
            exception is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "decisions_one_ramp" })
        {
            return null;
        }
    }

    /// <summary>Carries a decision out, writes its heartbeat meanwhile, and records how it ended.</summary>
    /// <param name="run">Its id.</param>
    /// <param name="work">Carries it out. The token is cancelled when somebody asks for it to be stopped.</param>
    /// <param name="outcome">How many messages the result counts, and what interrupted it.</param>
    /// <param name="progress">How far a staged replay has come.</param>
    public async Task<T> RunAsync<T>(
        Guid run,
        Func<CancellationToken, Task<T>> work,
        Func<T, (int Count, string? Problem)> outcome,
        Func<StagedReplayRun?>? progress = null)
    {
        try
        {
            var result = await WithHeartbeatAsync(run, work, progress);
            var (count, problem) = outcome(result);
            await EndAsync(run, count, problem, progress?.Invoke());
            return result;
        }
        catch (ReplayException exception)
        {
            var cut = progress?.Invoke() is { } last ? last with { State = StagedReplayState.Interrupted, Why = exception.Message } : null;
            await EndAsync(run, cut?.Sent, exception.Message, cut);
            throw;
        }
    }

    /// <summary>
    /// Asks for a staged replay to be stopped, whichever replica runs it. <see langword="false"/> when it is over, or none.
    /// </summary>
    public async Task<bool> StopAsync(Guid run, Requester requester) =>
        await ExecuteAsync(Stop, Sql.Value(run), Sql.Text($"{requester.Holder}, {requester.Peer}")) > 0;

    /// <summary>Ends the rows of decisions that nobody carries out any more.</summary>
    public Task EndAbandonedAsync() => ExecuteAsync(EndAbandoned, Sql.Text(Abandoned));

    private async Task<T> WithHeartbeatAsync<T>(Guid run, Func<CancellationToken, Task<T>> work, Func<StagedReplayRun?>? progress)
    {
        using var stop = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        var heartbeat = HeartbeatAsync(run, progress, stop, ended.Token);
        try
        {
            return await work(stop.Token);
        }
        finally
        {
            await ended.CancelAsync();
            await heartbeat;
        }
    }

    private async Task HeartbeatAsync(Guid run, Func<StagedReplayRun?>? progress, CancellationTokenSource stop, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            await Task.Delay(HeartbeatPeriod, TimeProvider.System, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await using var command = database.CreateCommand(Alive);
                command.Parameters.AddRange(new[] { Sql.Value(run), Json(progress?.Invoke()) });
                if (await command.ExecuteScalarAsync(CancellationToken.None) is string)
                {
                    await stop.CancelAsync();
                }
            }
            catch (Exception exception) when (StorageFault.IsUnavailable(exception))
            {
                Log.HeartbeatFailed(logger, run, exception);
            }
        }
    }

    private async Task EndAsync(Guid run, int? count, string? problem, StagedReplayRun? progress) => await ExecuteAsync(
        End, Sql.Value(run), Sql.Time(time.GetUtcNow()),
        new NpgsqlParameter { Value = (object?)count ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer }, Sql.Text(Clean(problem)),
        Json(progress));

    private static NpgsqlParameter Json(StagedReplayRun? progress) => new()
    {
        Value = progress is null ? DBNull.Value : JsonSerializer.Serialize(progress, StoredRunJson.Default.StagedReplayRun),
        NpgsqlDbType = NpgsqlDbType.Jsonb,
    };

    private async Task<int> ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static string? Clean(string? text) => text is null ? null : Ingestion.HeaderJson.Clean(text);
}
