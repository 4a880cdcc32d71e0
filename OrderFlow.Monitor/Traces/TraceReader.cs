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

    private const string Trace = $"SELECT {TraceSearch.Columns} FROM traces WHERE trace_id = $1";

    private const string Spans = """
        SELECT span_id, parent_id, service, instance, scope, name, kind, started_at, duration_nanos, is_error, problem, attributes::text,
            events::text, links::text
        FROM spans WHERE trace_id = $1 ORDER BY started_at, parent_id NULLS FIRST LIMIT $2
        """;

    private const string Logs =
        "SELECT at, span_id, service, category, severity, body, attributes::text FROM logs WHERE trace_id = $1 ORDER BY at LIMIT $2";

    /// <summary>What the events of the order carry, and the traces that continue those: a delayed retry, a replay.</summary>
    private const string OfOrder = """
        WITH own AS (
            SELECT DISTINCT substring(traceparent from 4 for 32) AS id FROM events
                WHERE aggregate_id = $1 AND traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-'
        ), ids AS (
            SELECT decode(id, 'hex') AS id FROM own
        )
        SELECT trace_id FROM traces WHERE trace_id IN (SELECT id FROM ids UNION SELECT trace_id FROM spans
            WHERE linked_traces && ARRAY(SELECT id FROM ids))
        ORDER BY started_at LIMIT $2
        """;

    private static readonly string[] Kinds = ["internal", "internal", "server", "client", "producer", "consumer"];

    /// <returns><see langword="null"/> when nothing of it is stored.</returns>
    public async Task<TraceView?> FindAsync(byte[] id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Trace) { Parameters = { Sql.Value(id) } },
                new(Spans) { Parameters = { Sql.Value(id), Sql.Value(MostSpans + 1) } },
                new(Logs) { Parameters = { Sql.Value(id), Sql.Value(MostLogs + 1) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var trace = TraceSearch.Read(reader);
        await reader.NextResultAsync(cancellationToken);
        var spans = new List<SpanView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            spans.Add(ReadSpan(reader, trace.StartedAt));
        }

        await reader.NextResultAsync(cancellationToken);
        var logs = new List<LogView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            logs.Add(
                new LogView(
                    reader.Time(0),
                    Hex(reader, 1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetInt16(4),
                    reader.GetString(5),
                    Json(reader, 6)));
        }

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

    private SpanView ReadSpan(NpgsqlDataReader reader, DateTimeOffset begin) => new(
        Hex(reader, 0)!,
        Hex(reader, 1),
        Depth: 0,
        reader.GetString(2),
        reader.TextOrNull(3),
        reader.GetString(4),
        reader.GetString(5),
        KindOf(reader.GetInt16(6)),
        reader.Time(7),
        (reader.Time(7) - begin).TotalMilliseconds,
        reader.GetInt64(8) / 1e6,
        reader.GetBoolean(9),
        reader.TextOrNull(10),
        Json(reader, 11),
        Json(reader, 12),
        Json(reader, 13));

    public static string KindOf(short kind) => Kinds[kind];

    private static string? Hex(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : TraceId.Hex(reader.GetFieldValue<byte[]>(column));

    private JsonElement? Json(NpgsqlDataReader reader, int column) =>
        reader.TextOrNull(column) is { } text ? masked.Hide(EventBodyJson.Parse(text)) : null;
}
