using OrderFlow.AppHost;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Observation;

/// <summary>The Monitor's store beside what the services' inboxes know.</summary>
internal sealed partial class DatabaseReader
{
    private const string StoredEnds = "SELECT coalesce(sum(count), 0)::bigint FROM event_counts WHERE wire_type = 'notification.sent'";
    private const string StoredCounts = "SELECT wire_type, sum(count)::bigint FROM event_counts GROUP BY wire_type";

    private const string StoredFlows = "SELECT aggregate_id, status, outcome, events, total_micros, deadline_missed, stages FROM flows";

    private const string StoredTraces = "SELECT encode(trace_id, 'hex'), services FROM traces WHERE NOT is_part";

    private const string Unreadable = "SELECT count(*) FROM unreadable";
    private const string Handled = "SELECT DISTINCT event_id FROM inbox";

    /// <summary>How many notifications the Monitor has stored.</summary>
    public async Task<long> StoredEndsAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(ResourceNames.Events, StoredEnds, row => row.GetInt64(0), cancellationToken))[0];

    /// <summary>Reads the store; the events, which are packed in it, from the Monitor itself.</summary>
    /// <param name="monitor">Knows its address and token.</param>
    /// <param name="cancellationToken">Nobody waits for it any more.</param>
    public async Task<StoreState> StoreAsync(HttpClient monitor, CancellationToken cancellationToken)
    {
        var events = await MonitorEvents.ReadAsync(monitor, cancellationToken);
        var traces = (await ReadAsync(
                ResourceNames.Events,
                StoredTraces,
                row => (Id: row.GetString(0), Services: row.GetFieldValue<string[]>(1)),
                cancellationToken))
            .ToLookup(row => row.Id, row => row.Services, StringComparer.Ordinal);
        var handled = new List<HandledEvent>();
        foreach (var database in SystemResources.Databases)
        {
            handled.AddRange(await ReadAsync(database, Handled, row => new HandledEvent(row.GetGuid(0), database), cancellationToken));
        }

        return new StoreState
        {
            Handled = handled,
            Events = events.Events,
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
                    // It ended when notification.sent says that it did.
                    EndToEndMicros = row.IsDBNull(4) ? null : row.GetInt64(4),
                },
                cancellationToken),
            Traces = events.SampledTraces.ToLookup(
                order => order.Key, order => traces[order.Value].FirstOrDefault() ?? [], StringComparer.Ordinal),
            Unreadable = (await ReadAsync(ResourceNames.Events, Unreadable, row => row.GetInt64(0), cancellationToken))[0],
        };
    }
}
