using System.Text.Json;
using Npgsql;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>Reads traces with their spans and log lines.</summary>
internal sealed class TraceReader(NpgsqlDataSource database, MaskedFields masked)
{
    private const int MostSpans = 2000;
    private const int MostLogs = 500;
    private const int MostTraces = 20;

    private const string Trace = $"SELECT {TraceSearch.Columns}, is_part, data FROM traces WHERE trace_id = $1 AND {TraceSearch.AnyHour}";

    private const string Logs =
        "SELECT at, span_id, service, category, severity, body, attributes::text FROM logs WHERE trace_id = $1 ORDER BY at LIMIT $2";

    /// <summary>What the events of the order carry, and the traces that continue those: a delayed retry, a replay.</summary>
    private const string OfOrder = $$"""
        WITH own AS (
            SELECT DISTINCT substring(traceparent from 4 for 32) AS id FROM events
                WHERE aggregate_id = $1 AND traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-'
        ), ids AS (
            SELECT array_agg(decode(id, 'hex')) AS ids FROM own
        )
        SELECT trace_id FROM (
            SELECT trace_id, started_at FROM traces
            WHERE trace_id = ANY (SELECT unnest(ids) FROM ids) AND {{TraceSearch.AnyHour}} AND NOT is_part
            UNION
            SELECT trace_id, started_at FROM traces WHERE linked_traces && (SELECT ids FROM ids) AND NOT is_part) AS found
        ORDER BY started_at LIMIT $2
        """;

    /// <returns><see langword="null"/> when nothing of it is stored.</returns>
    public async Task<TraceView?> FindAsync(byte[] id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Trace) { Parameters = { Sql.Value(id) } },
                new(Logs) { Parameters = { Sql.Value(id), Sql.Value(MostLogs + 1) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var (summaries, data) = (new List<(TraceSummary Trace, bool IsPart)>(), new List<byte[]>());
        while (await reader.ReadAsync(cancellationToken))
        {
            summaries.Add((TraceSearch.Read(reader), reader.GetBoolean(8)));
            data.Add(reader.GetFieldValue<byte[]>(9));
        }

        if (summaries.Count == 0)
        {
            return null;
        }

        var trace = summaries.Find(one => !one.IsPart).Trace ?? summaries[0].Trace;
        await reader.NextResultAsync(cancellationToken);
        var logs = new List<LogView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            logs.Add(
                new LogView(
                    reader.Time(0),
                    reader.IsDBNull(1) ? null : TraceId.Hex(reader.GetFieldValue<byte[]>(1)),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetInt16(4),
                    reader.GetString(5),
                    Json(reader.TextOrNull(6))));
        }

        var spans = SpanViews.Of(data, trace.StartedAt, Json);
        var tree = SpanTree.Of([.. spans.Take(MostSpans)]);
        return new TraceView(
            trace,
            tree,
            [.. logs.Take(MostLogs)],
            spans.Count > MostSpans || logs.Count > MostLogs,
            CriticalPathFinder.Of(PathSpans(trace, tree)));
    }

    public async Task<OrderTraces> OfOrderAsync(string orderId, CancellationToken cancellationToken)
    {
        var traces = new List<TraceView>();
        foreach (var id in await IdsOfOrderAsync(orderId, cancellationToken))
        {
            if (await FindAsync(id, cancellationToken) is { } trace)
            {
                traces.Add(trace);
            }
        }

        return new OrderTraces(orderId, traces, CriticalPathFinder.Of(traces.SelectMany(trace => PathSpans(trace.Trace, trace.Spans))));
    }

    private static IEnumerable<PathSpan> PathSpans(TraceSummary trace, IEnumerable<SpanView> spans) =>
        spans.Select(span => PathSpan.Of(trace.TraceId, span));

    private async Task<List<byte[]>> IdsOfOrderAsync(string orderId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(OfOrder);
        command.Parameters.Add(Sql.Value(orderId));
        command.Parameters.Add(Sql.Value(MostTraces));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetFieldValue<byte[]>(0));
        }

        return ids;
    }

    private JsonElement? Json(string? text) => text is null ? null : masked.Hide(EventBodyJson.Parse(text));
}
