using Npgsql;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Storage;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Remembers which notifications were sent. Each row is committed by itself at once, apart from the transaction of the event: what a
/// customer has received cannot be rolled back, so neither may the record of it.
/// </summary>
internal sealed class NotificationRecord(NotificationDatabase database, EndToEndLatency latency, TimeProvider time)
{
    private const string RecordAttempt = """
        INSERT INTO notifications (event_id, order_id, user_id, subject, channel, status, begun_at)
        VALUES ($1, $2, $3, $4, $5, 'telling', $6)
        ON CONFLICT (event_id) DO UPDATE SET attempts = notifications.attempts + 1
        RETURNING status = 'told', end_to_end_micros, stages
        """;

    private const string RecordSent = $"""
        WITH told AS (
            INSERT INTO notifications (event_id, order_id, user_id, subject, channel, status, begun_at, told_at, end_to_end_micros, stages, attempt)
            VALUES ($1, $2, $3, $4, $5, 'told', $6, $6, $7, $8, $9)
            ON CONFLICT (event_id) DO UPDATE SET status = 'told', channel = excluded.channel, told_at = excluded.told_at, end_to_end_micros = excluded.end_to_end_micros,
                stages = excluded.stages, attempt = excluded.attempt
            WHERE notifications.status = 'telling'
            RETURNING event_id),
        ended AS ({FlowEnding.Insert} SELECT $10, $11, $12, $13, $14 FROM told WHERE $10 IS NOT NULL)
        SELECT count(*) FROM told
        """;

    private const string Find = "SELECT true, end_to_end_micros, stages FROM notifications WHERE event_id = $1 AND status = 'told'";

    /// <summary>Records that the customer is about to be notified.</summary>
    /// <returns>Where the flow's time went if the customer was notified already; otherwise <see langword="null"/>.</returns>
    public async Task<FlowLedger?> BeginAsync(CustomerMessage message, ICustomerChannel channel, CancellationToken cancellationToken)
    {
        await using var command = channel.ReachesOutside ? Command(RecordAttempt, message, channel) : database.CreateCommand(Find);
        if (!channel.ReachesOutside)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken) || !reader.GetBoolean(0))
        {
            return null;
        }

        var micros = reader.GetInt64(1);
        // An older version recorded the sum alone.
        var stages = await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2);
        return FlowLedger.Read(stages) is { } ledger && ledger.TotalMicros == micros ? ledger : FlowLedger.Unknown(micros);
    }

    /// <summary>
    /// Records that the customer was notified, and with it how long the flow took: one statement, so that neither is there without the
    /// other.
    /// </summary>
    /// <returns>False when that was recorded before, by another replica that handled the same delivery at the same moment.</returns>
    public async Task<bool> CompleteAsync(EventContext context, CustomerMessage message, ICustomerChannel channel, FlowLedger ledger)
    {
        await using var command = Command(RecordSent, message, channel);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = ledger.TotalMicros });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ledger.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = context.WorstAttempt.ToText() });
        FlowEnding.AddTo(command.Parameters, latency.End(context, EndToEndLatency.Success, ledger.TotalMicros));
        // Not given up by a stop: the customer knows already.
        return await command.ExecuteScalarAsync(CancellationToken.None) is 1L;
    }

    private NpgsqlCommand Command(string sql, CustomerMessage message, ICustomerChannel channel)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id });
        foreach (var text in (ReadOnlySpan<string>)[message.OrderId, message.UserId, message.Kind, channel.Name])
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        }

        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time.GetUtcNow() });
        return command;
    }
}
