using Npgsql;
using NpgsqlTypes;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>What one transaction has scheduled and cancelled so far; forgotten when it is rolled back.</summary>
internal sealed class PendingSchedule
{
    private const string Insert = """
        INSERT INTO scheduled_events (due_at, event_id, wire_type, token, context, body)
        SELECT due_at, event_id, wire_type, token, context, body
        FROM unnest($1, $2, $3, $4, $5, $6) AS e (due_at, event_id, wire_type, token, context, body)
        """;

    // A row that is just moving into the outbox is waited for, and is gone then: its event is published.
    private const string Delete = """
        DELETE FROM scheduled_events USING unnest($1, $2) AS cancelled (token, wire_type)
        WHERE scheduled_events.token = cancelled.token AND scheduled_events.wire_type = cancelled.wire_type
        """;

    private readonly List<ScheduledEvent> _scheduled = [];
    private readonly HashSet<(string WireType, string Token)> _cancelled = [];

    public void Add(EncodedEvent @event, string? token) => _scheduled.Add(new ScheduledEvent(@event, token));

    public void Cancel(string wireType, string token)
    {
        _scheduled.RemoveAll(one => one.Event.WireType == wireType && one.Token == token);
        _cancelled.Add((wireType, token));
    }

    /// <summary>Adds what is to be written. Cancelling goes first: what is cancelled here was scheduled before.</summary>
    public void AddTo(Action<NpgsqlBatchCommand> add)
    {
        if (_cancelled.Count > 0)
        {
            add(new NpgsqlBatchCommand(Delete)
            {
                Parameters =
                {
                    new NpgsqlParameter<string[]> { TypedValue = [.. _cancelled.Select(one => one.Token)] },
                    new NpgsqlParameter<string[]> { TypedValue = [.. _cancelled.Select(one => one.WireType)] },
                },
            });
        }

        if (_scheduled.Count > 0)
        {
            add(new NpgsqlBatchCommand(Insert)
            {
                Parameters =
                {
                    new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. _scheduled.Select(one => one.Event.DueAt!.Value)] },
                    OutboxTable.Uuids([.. _scheduled.Select(one => one.Event.Context.EventId)]),
                    new NpgsqlParameter<string[]> { TypedValue = [.. _scheduled.Select(one => one.Event.WireType)] },
                    new NpgsqlParameter<string?[]> { TypedValue = [.. _scheduled.Select(one => one.Token)] },
                    new NpgsqlParameter<byte[][]>
                    {
                        TypedValue = [.. _scheduled.Select(one => StoredContext.Write(one.Event))],
                        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
                    },
                    new NpgsqlParameter<byte[][]> { TypedValue = [.. _scheduled.Select(one => one.Event.Body.ToArray())] },
                },
            });
        }
    }

    private readonly record struct ScheduledEvent(EncodedEvent Event, string? Token);
}
