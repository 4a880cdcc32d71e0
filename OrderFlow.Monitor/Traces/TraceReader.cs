using System.Buffers.Binary;
using System.Text.Json;
using Npgsql;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>Reads traces with their spans and log lines, what has come of them and is not decided included.</summary>
internal sealed class TraceReader(NpgsqlDataSource database, TraceBuffer undecided, EventReader events, MaskedFields masked)
{
    private const int MostSpans = 2000;
    private const int MostLogs = 500;
    private const int MostTraces = 20;

    private const string Trace = $"SELECT {TraceSearch.Columns}, is_part, data FROM traces WHERE trace_id = $1 AND {TraceSearch.AnyHour}";

    private const string Logs =
        "SELECT at, span_id, service, category, severity, body, attributes::text FROM logs WHERE trace_id = $1 ORDER BY at LIMIT $2";

    /// <summary>Traces, and those that continue them: a delayed retry, a replay.</summary>
    private const string WithLinked = $"""
        SELECT trace_id FROM (
            SELECT trace_id, started_at FROM traces WHERE trace_id = ANY ($1) AND {TraceSearch.AnyHour} AND NOT is_part
            UNION
            SELECT trace_id, started_at FROM traces WHERE linked_traces && $1 AND NOT is_part) AS found
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

        var live = undecided.Find(BinaryPrimitives.ReadUInt128BigEndian(id));
        if (live is not null)
        {
            data.Add(live.Data);
        }

        if (data.Count == 0)
        {
            return null;
        }

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

        var spans = SpanViews.Of(data, Json);
        var trace = live is null
            ? summaries.Find(one => !one.IsPart).Trace ?? summaries[0].Trace
            : TraceSummary.Of(TraceId.Hex(id)!, spans);
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

        traces.Sort((one, other) => one.Trace.StartedAt.CompareTo(other.Trace.StartedAt));
        return new OrderTraces(orderId, traces, CriticalPathFinder.Of(traces.SelectMany(trace => PathSpans(trace.Trace, trace.Spans))));
    }

    private static IEnumerable<PathSpan> PathSpans(TraceSummary trace, IEnumerable<SpanView> spans) =>
        spans.Select(span => PathSpan.Of(trace.TraceId, span));

    private async Task<List<byte[]>> IdsOfOrderAsync(string orderId, CancellationToken cancellationToken)
    {
        // What the events of the order carry.
        var own = (await events.OfOrderAsync(orderId, cancellationToken)).Events
            .Select(one => TraceId.Parse(TraceId.OfTraceParent(one.TraceParent)?.ToLowerInvariant())).OfType<byte[]>()
            .DistinctBy(Convert.ToHexString).ToArray();
        if (own.Length == 0)
        {
            return [];
        }

        var ids = own.Where(id => undecided.Find(BinaryPrimitives.ReadUInt128BigEndian(id)) is not null).ToList();
        await using var command = database.CreateCommand(WithLinked);
        command.Parameters.Add(Sql.Value(own));
        command.Parameters.Add(Sql.Value(MostTraces));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetFieldValue<byte[]>(0));
        }

        return [.. ids.DistinctBy(Convert.ToHexString)];
    }

    private JsonElement? Json(string? text) => text is null ? null : masked.Hide(EventBodyJson.Parse(text));
}
