using OrderFlow.AppHost;
using OrderFlow.Cli.Connections;
using OrderFlow.Contracts;

namespace OrderFlow.Cli.Observation;

/// <summary>The Monitor's store beside what the services' inboxes know.</summary>
internal sealed partial class DatabaseReader
{
    private const string StoredEnds = "SELECT coalesce(sum(count), 0)::bigint FROM event_counts WHERE wire_type = 'notification.sent'";
    private const string StoredCounts = "SELECT wire_type, sum(count)::bigint FROM event_counts GROUP BY wire_type";

    private const string StoredEvents =
        "SELECT event_id, wire_type, coalesce(aggregate_id, ''), coalesce(source, ''), count(*) FROM events GROUP BY 1, 2, 3, 4";

    private const string StoredFlows = """
        SELECT aggregate_id, status, outcome, events, total_micros, deadline_missed, stages, (
            SELECT body FROM events
            WHERE events.aggregate_id = flows.aggregate_id AND events.correlation_id = flows.correlation_id
                AND wire_type = 'notification.sent'
            ORDER BY published_at LIMIT 1)
        FROM flows
        """;

    /// <summary>The trace that began with the order, if it was sampled: a version, the trace's id, the span's, and the flag.</summary>
    private const string StoredTraces = """
        SELECT aggregate_id, coalesce(services, '{}') FROM events
        LEFT JOIN traces ON trace_id = decode(substr(traceparent, 4, 32), 'hex') AND NOT is_part
        WHERE wire_type = 'order.created' AND traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-01$'
        """;

    private const string Unreadable = "SELECT count(*) FROM unreadable";
    private const string Handled = "SELECT DISTINCT event_id FROM inbox";

    /// <summary>How many notifications the Monitor has stored.</summary>
    public async Task<long> StoredEndsAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(ResourceNames.Events, StoredEnds, row => row.GetInt64(0), cancellationToken))[0];

    public async Task<StoreState> StoreAsync(CancellationToken cancellationToken)
    {
        var handled = new List<HandledEvent>();
        foreach (var database in SystemResources.Databases)
        {
            handled.AddRange(await ReadAsync(database, Handled, row => new HandledEvent(row.GetGuid(0), database), cancellationToken));
        }

        return new StoreState
        {
            Handled = handled,
            Events = await ReadAsync(
                ResourceNames.Events,
                StoredEvents,
                row => new StoredEvent(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4)),
                cancellationToken),
            Counts = (await ReadAsync(
                    ResourceNames.Events, StoredCounts, row => (Type: row.GetString(0), Count: row.GetInt64(1)), cancellationToken))
                .ToDictionary(row => row.Type, row => row.Count, StringComparer.Ordinal),
            Flows = await ReadAsync(
                ResourceNames.Events,
                StoredFlows,
                row => new StoredFlow(row.GetString(0), row.GetString(1), Text(row, 2), row.GetInt32(3))
                {
                    TotalMicros = row.IsDBNull(4) ? null : row.GetInt64(4),
                    IsLate = row.IsDBNull(5) ? null : row.GetBoolean(5),
                    Stages = Text(row, 6),
                    EndToEndMicros = row.IsDBNull(7)
                        ? null
                        : NotificationSent.Parser.ParseFrom(row.GetFieldValue<byte[]>(7)).EndToEndMicros,
                },
                cancellationToken),
            Traces = (await ReadAsync(
                    ResourceNames.Events,
                    StoredTraces,
                    row => (OrderId: row.GetString(0), Services: row.GetFieldValue<string[]>(1)),
                    cancellationToken))
                .ToLookup(row => row.OrderId, row => row.Services, StringComparer.Ordinal),
            Unreadable = (await ReadAsync(ResourceNames.Events, Unreadable, row => row.GetInt64(0), cancellationToken))[0],
        };
    }
}
