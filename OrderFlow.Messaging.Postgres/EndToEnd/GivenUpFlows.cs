using Microsoft.Extensions.Logging;
using Npgsql;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Migrations;

namespace OrderFlow.Messaging.Postgres.EndToEnd;

/// <summary>Observes a flow that this service gives up as a failure: once, however often the dead letter is written.</summary>
internal sealed class GivenUpFlows(
    string endedWell, NpgsqlDataSource database, ISchema schema, EndToEndLatency latency, TimeProvider time, ILogger<GivenUpFlows> logger)
    : IGivenUpFlowRecorder
{
    private readonly string _insert = $"""
        WITH given_up AS (
            INSERT INTO given_up_flows (event_id, replay_run, correlation_id, aggregate_id, attempt, seconds)
            SELECT $6, $7, $8, $9, $10, $4 WHERE NOT ({endedWell})
            ON CONFLICT DO NOTHING RETURNING seconds)
        {FlowEnding.Insert} SELECT $1, $2, $3, $4, $5 FROM given_up WHERE seconds IS NOT NULL
        """;

    /// <inheritdoc/>
    public async Task<bool> TryRecordAsync(EventContext context, Guid run, CancellationToken draining)
    {
        var micros = context.LedgerUntilNow(time).TotalMicros;
        var ending = latency.End(context, EndToEndLatency.Failure, micros);
        if (ending is null)
        {
            Log.ImplausibleFailure(logger, context.AggregateId, micros);
        }

        var backoff = new Backoff(time);
        while (!draining.IsCancellationRequested)
        {
            try
            {
                await schema.WaitUntilReadyAsync(draining);
                await AddAsync(context, run, ending, draining);
                return true;
            }
            catch (Exception exception) when (
                !draining.IsCancellationRequested && (DatabaseFault.IsTransient(exception) || exception is NpgsqlException))
            {
                var delay = backoff.Next();
                Log.FailureNotRecorded(logger, context.EventId, delay, exception);
                await Task.Delay(delay, time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (draining.IsCancellationRequested)
            {
                return false;
            }
        }

        return false;
    }

    private async Task AddAsync(EventContext context, Guid run, FlowEnding? ending, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Made of the service's own constant.
        await using var command = database.CreateCommand(_insert);
#pragma warning restore CA2100
        FlowEnding.AddTo(command.Parameters, ending);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = context.EventId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = run });
        foreach (var text in (ReadOnlySpan<string>)[context.CorrelationId, context.AggregateId ?? "", context.WorstAttempt.ToText()])
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = TextCut.Storable(text, nul: " ") });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
