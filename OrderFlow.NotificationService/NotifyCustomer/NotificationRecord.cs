using Npgsql;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Storage;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Remembers which notifications were sent. A row about a message that left the system is committed by itself at once, apart from the
/// transaction of the event: what a customer has received cannot be rolled back, so neither may the record of it.
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
            INSERT INTO notifications
                (event_id, order_id, user_id, subject, channel, status, begun_at, told_at, end_to_end_micros, stages, attempt)
            VALUES ($1, $2, $3, $4, $5, 'told', $6, $6, $7, $8, $9)
            ON CONFLICT (event_id) DO UPDATE
            SET status = 'told', channel = excluded.channel, told_at = excluded.told_at,
                end_to_end_micros = excluded.end_to_end_micros, stages = excluded.stages, attempt = excluded.attempt
            WHERE notifications.status = 'telling'
            RETURNING event_id),
        ended AS ({FlowEnding.Insert} SELECT $10, $11, $12, $13, $14 FROM told WHERE $10 IS NOT NULL)
        SELECT count(*) FROM told
        """;

    private const string Find =
        "SELECT event_id, end_to_end_micros, stages FROM notifications WHERE event_id = ANY ($1) AND status = 'told'";

    // The key refuses what is there already; whoever asks again finds it.
    private const string InsertSent = """
        INSERT INTO notifications
            (event_id, order_id, user_id, subject, channel, status, begun_at, told_at, end_to_end_micros, stages, attempt)
        SELECT event_id, order_id, user_id, subject, $5, 'told', $6, $6, micros, stages, attempt
        FROM unnest($1, $2, $3, $4, $7, $8, $9) AS n (event_id, order_id, user_id, subject, micros, stages, attempt)
        """;

    private const string InsertEnds = $"""
        {FlowEnding.Insert} SELECT flow, status, attempt, seconds, trace_id FROM unnest($1, $2, $3, $4, $5)
            AS e (flow, status, attempt, seconds, trace_id)
        """;

    /// <summary>Records that the customer is about to be notified.</summary>
    /// <returns>Where the flow's time went if the customer was notified already; otherwise <see langword="null"/>.</returns>
    public async Task<FlowLedger?> BeginAsync(CustomerMessage message, ICustomerChannel channel, CancellationToken cancellationToken)
    {
        await using var command = Command(RecordAttempt, message, channel);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(0) ? LedgerOf(reader) : null;
    }

    /// <summary>Which of the customers were notified already, and where the time until then went.</summary>
    public static async Task<Dictionary<Guid, FlowLedger>> FindAsync(
        IBatchTransaction transaction, IEnumerable<Guid> messages, CancellationToken cancellationToken)
    {
        await using var reader = await transaction.QueryAsync(
            [Sql.Command(Find, Sql.Value<Guid[]>([.. messages]))], cancellationToken);
        var found = new Dictionary<Guid, FlowLedger>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0), LedgerOf(reader));
        }

        return found;
    }

    /// <summary>What is to be recorded of a customer who was notified now.</summary>
    public NotifiedCustomer Notified(EventContext context, CustomerMessage message, FlowLedger ledger) =>
        new(context, message, ledger, latency.End(context, EndToEndLatency.Success, ledger.TotalMicros));

    /// <summary>Records the customers with the commit, and with them how long the flows took.</summary>
    public void AddTo(IBatchTransaction transaction, List<NotifiedCustomer> notified, ICustomerChannel channel)
    {
        if (notified.Count == 0)
        {
            return;
        }

        transaction.Add(Sql.Command(
            InsertSent,
            Sql.Value<Guid[]>([.. notified.Select(one => one.Message.Id)]),
            Sql.Value<string[]>([.. notified.Select(one => one.Message.OrderId)]),
            Sql.Value<string[]>([.. notified.Select(one => one.Message.UserId)]),
            Sql.Value<string[]>([.. notified.Select(one => one.Message.Kind)]),
            Sql.Value(channel.Name),
            Sql.Value(time.GetUtcNow()),
            Sql.Value<long[]>([.. notified.Select(one => one.Ledger.TotalMicros)]),
            Sql.Value<string[]>([.. notified.Select(one => one.Ledger.ToString())]),
            Sql.Value<string[]>([.. notified.Select(one => one.Context.WorstAttempt.ToText())])));
        List<FlowEnding> endings = [.. notified.Select(one => one.Ending).OfType<FlowEnding>()];
        if (endings.Count > 0)
        {
            transaction.Add(Sql.Command(
                InsertEnds,
                Sql.Value<string[]>([.. endings.Select(one => one.Flow)]),
                Sql.Value<string[]>([.. endings.Select(one => one.Status)]),
                Sql.Value<string[]>([.. endings.Select(one => one.Attempt)]),
                Sql.Value<double[]>([.. endings.Select(one => one.Seconds)]),
                Sql.Value<Guid?[]>([.. endings.Select(one => one.TraceId)])));
        }
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

    private static FlowLedger LedgerOf(NpgsqlDataReader reader)
    {
        var micros = reader.GetInt64(1);
        // An older version recorded the sum alone.
        var stages = reader.IsDBNull(2) ? null : reader.GetString(2);
        return FlowLedger.Read(stages) is { } ledger && ledger.TotalMicros == micros ? ledger : FlowLedger.Unknown(micros);
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

/// <summary>A customer who was notified, as it is recorded.</summary>
/// <param name="Context">The event that ended the order.</param>
/// <param name="Message">What the customer was told.</param>
/// <param name="Ledger">Where the time until then went.</param>
/// <param name="Ending">The end of the flow; <see langword="null"/> when clocks made nonsense of it.</param>
internal sealed record NotifiedCustomer(EventContext Context, CustomerMessage Message, FlowLedger Ledger, FlowEnding? Ending);
