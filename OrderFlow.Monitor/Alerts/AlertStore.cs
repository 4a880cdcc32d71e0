using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Alerts;

/// <summary>Keeps alerts, and what is to be told of them.</summary>
internal sealed class AlertStore(NpgsqlDataSource database, ChatList chats, TimeProvider time)
{
    /// <summary>An alert without a name, which Alertmanager takes.</summary>
    private const string Unnamed = "unnamed";

    private const string Columns = """
        fingerprint, name, severity, team, labels, annotations, started_at, ended_at, acknowledged_at, acknowledged_by, escalated_at
        """;

    // One that fires again is another row; one that ended unheard ends now.
    private const string EndEarlier = """
        UPDATE alerts SET ended_at = $3 WHERE fingerprint = $1 AND started_at <> $2 AND ended_at IS NULL
        """;

    private const string Upsert = $"""
        INSERT INTO alerts (fingerprint, started_at, name, severity, team, labels, annotations, told_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (fingerprint, started_at) DO UPDATE
        SET annotations = excluded.annotations, told_at = excluded.told_at, ended_at = coalesce(excluded.ended_at, alerts.ended_at)
        RETURNING {Columns}
        """;

    private const string Enqueue = """
        INSERT INTO alert_messages (channel, title, body, created_at, due_at)
        SELECT channel, $2, $3, $4, $4 FROM unnest($1) AS channel
        """;

    private const string Acknowledge = $"""
        UPDATE alerts SET acknowledged_at = $2, acknowledged_by = $3
        WHERE fingerprint = $1 AND ended_at IS NULL AND acknowledged_at IS NULL
        RETURNING {Columns}
        """;

    private const string Escalate = $"""
        UPDATE alerts SET escalated_at = $1
        WHERE severity = 'critical' AND ended_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL AND started_at < $2
        RETURNING {Columns}
        """;

    private const string Firing = $"""
        SELECT {Columns} FROM alerts WHERE ended_at IS NULL
        ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, started_at DESC LIMIT $1
        """;

    private const string History = $"SELECT {Columns} FROM alerts WHERE ended_at IS NOT NULL ORDER BY started_at DESC LIMIT $1";

    private const string Untold = """
        SELECT channel, title, gave_up_at, problem FROM alert_messages WHERE gave_up_at IS NOT NULL ORDER BY gave_up_at DESC LIMIT $1
        """;

    private const string Forget = """
        WITH old AS (DELETE FROM alerts WHERE ended_at < $1)
        DELETE FROM alert_messages WHERE created_at < $1 AND (sent_at IS NOT NULL OR gave_up_at IS NOT NULL)
        """;

    /// <summary>
    /// Stores what Alertmanager tells, and with it what each chat is to be told: of alerts that somebody has acknowledged, only their end.
    /// </summary>
    public async Task SaveAsync(AlertNotification notification, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var told = new List<AlertView>();
        foreach (var alert in notification.Alerts!)
        {
            var stored = await SaveAsync(connection, alert!, cancellationToken);
            if (stored.EndedAt is not null || stored.AcknowledgedAt is null)
            {
                told.Add(stored);
            }
        }

        if (told.Count > 0)
        {
            await EnqueueAsync(connection, AlertText.Of(told), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Notes that somebody takes an alert on.</summary>
    /// <returns>The alert; <see langword="null"/> when it does not fire, or somebody has it already.</returns>
    public async Task<AlertView?> AcknowledgeAsync(string fingerprint, string by, CancellationToken cancellationToken) =>
        (await ReadAsync(
            Acknowledge, cancellationToken, Sql.Value(fingerprint), Sql.Time(time.GetUtcNow()), Sql.Value(by))).FirstOrDefault();

    /// <summary>Tells again of critical alerts that nobody has acknowledged for so long, each once.</summary>
    public async Task<IReadOnlyList<AlertView>> EscalateAsync(TimeSpan after, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var escalated = await ReadAsync(connection, Escalate, [Sql.Time(now), Sql.Time(now - after)], cancellationToken);
        if (escalated.Count > 0)
        {
            await EnqueueAsync(connection, AlertText.OfEscalated(escalated), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return escalated;
    }

    public Task<List<AlertView>> FiringAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(Firing, cancellationToken, Sql.Value(limit));

    public Task<List<AlertView>> HistoryAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(History, cancellationToken, Sql.Value(limit));

    /// <summary>The latest messages that were given up.</summary>
    public async Task<List<UntoldMessage>> UntoldAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Untold);
        command.Parameters.Add(Sql.Value(limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<UntoldMessage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new UntoldMessage(reader.GetString(0), reader.GetString(1), reader.Time(2), reader.TextOrNull(3)));
        }

        return found;
    }

    /// <summary>Deletes what ended before a time.</summary>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Forget);
        command.Parameters.Add(Sql.Time(before));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<AlertView> SaveAsync(NpgsqlConnection connection, NotifiedAlert alert, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (labels, fingerprint) = (Clean(alert.Labels), HeaderJson.Clean(alert.Fingerprint!));
        await using (var earlier = new NpgsqlCommand(EndEarlier, connection))
        {
            earlier.Parameters.AddRange(new[] { Sql.Value(fingerprint), Sql.Time(alert.StartsAt), Sql.Time(now) });
            await earlier.ExecuteNonQueryAsync(cancellationToken);
        }

        return (await ReadAsync(
            connection, Upsert,
            [
                Sql.Value(fingerprint), Sql.Time(alert.StartsAt), Sql.Value(labels.GetValueOrDefault("alertname") ?? Unnamed),
                Sql.Value(labels.GetValueOrDefault("severity") ?? "info"), Sql.Text(labels.GetValueOrDefault("team")), Json(labels),
                Json(Clean(alert.Annotations)), Sql.Time(now), Sql.Time(alert.IsOver ? alert.EndsAt.Year > 1 ? alert.EndsAt : now : null),
            ],
            cancellationToken))[0];
    }

    private async Task EnqueueAsync(NpgsqlConnection connection, AlertText text, CancellationToken cancellationToken)
    {
        if (chats.Names.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(Enqueue, connection);
        command.Parameters.AddRange(
            new[] { Sql.Value(chats.Names.ToArray()), Sql.Value(text.Title), Sql.Value(text.Body), Sql.Time(time.GetUtcNow()) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<List<AlertView>> ReadAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, sql, parameters, cancellationToken);
    }

    private static async Task<List<AlertView>> ReadAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<AlertView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new AlertView(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.TextOrNull(3), Texts(reader.GetString(4)),
                Texts(reader.GetString(5)), reader.Time(6), reader.TimeOrNull(7), reader.TimeOrNull(8), reader.TextOrNull(9),
                reader.TimeOrNull(10)));
        }

        return found;
    }

    /// <summary>What the database takes of it: of two names that it cannot tell apart, the later.</summary>
    private static Dictionary<string, string> Clean(Dictionary<string, string?>? texts)
    {
        var clean = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in texts ?? [])
        {
            if (value is not null)
            {
                clean[HeaderJson.Clean(name)] = HeaderJson.Clean(value);
            }
        }

        return clean;
    }

    private static Dictionary<string, string> Texts(string json) =>
        JsonSerializer.Deserialize(json, AlertJson.Default.DictionaryStringString) ?? [];

    private static NpgsqlParameter Json(Dictionary<string, string> texts) => new()
    {
        Value = JsonSerializer.Serialize(texts, AlertJson.Default.DictionaryStringString),
        NpgsqlDbType = NpgsqlDbType.Jsonb,
    };
}
