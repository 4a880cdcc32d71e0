using System.Globalization;
using Npgsql;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>Reads what is compared: which flows there are, what their traces took, and the critical paths of a few.</summary>
internal sealed class TracePaths(NpgsqlDataSource database)
{
    private const int MostFlows = 100;
    private const int MostTraces = 10_000;
    private const int MostSpans = 500;

    private const string Flows = """
        SELECT service, name, count(*) FROM traces WHERE started_at >= $1 AND ended_at < $2
        GROUP BY service, name ORDER BY sum(ended_at - started_at) DESC, service, name LIMIT $3
        """;

    private const string Totals = """
        SELECT trace_id, (extract(epoch FROM ended_at - started_at) * 1e6)::bigint FROM traces
        WHERE started_at >= $1 AND ended_at < $2 AND service = $3 AND name = $4 AND spans <= $5 ORDER BY started_at DESC LIMIT $6
        """;

    private const string Spans = $"""
        SELECT trace_id, span_id, parent_id, service, name, kind, started_at, duration_nanos,
            attributes ->> '{SpanAttributes.BufferMicros}'
        FROM spans WHERE trace_id = ANY ($1) AND day >= $2
        """;

    /// <summary>What traces began with that began in this time and have ended, those first that took the most time together.</summary>
    public async Task<List<TracedFlow>> FlowsAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Flows);
        command.Parameters.AddRange(new[] { Sql.Time(from), Sql.Time(until), Sql.Value(MostFlows) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<TracedFlow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new TracedFlow(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return found;
    }

    /// <summary>The traces of one flow, the latest of them when there are very many.</summary>
    public async Task<List<TracedTime>> TotalsAsync(
        DateTimeOffset from, DateTimeOffset until, string service, string operation, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Totals);
        command.Parameters.AddRange(
            new[]
            {
                Sql.Time(from),
                Sql.Time(until),
                Sql.Value(service),
                Sql.Value(operation),
                Sql.Value((long)MostSpans),
                Sql.Value(MostTraces),
            });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<TracedTime>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new TracedTime(TraceId.Hex(reader.GetFieldValue<byte[]>(0))!, reader.GetInt64(1)));
        }

        return found;
    }

    /// <summary>The critical paths of these traces, by trace id.</summary>
    public async Task<Dictionary<string, CriticalPath>> PathsAsync(
        IEnumerable<string> traces, DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Spans);
        command.Parameters.AddRange(
            new NpgsqlParameter[] { Sql.Value(traces.Select(id => TraceId.Parse(id)!).ToArray()), Sql.Value(Retention.Day(from)) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var spans = new List<PathSpan>();
        while (await reader.ReadAsync(cancellationToken))
        {
            spans.Add(Read(reader));
        }

        return spans
            .GroupBy(span => span.Id.TraceId, StringComparer.Ordinal)
            .ToDictionary(trace => trace.Key, trace => CriticalPathFinder.Of(trace)!, StringComparer.Ordinal);
    }

    private static PathSpan Read(NpgsqlDataReader reader)
    {
        var trace = TraceId.Hex(reader.GetFieldValue<byte[]>(0))!;
        var start = PathSpan.Micros(reader.Time(6));
        return new PathSpan(
            new SpanKey(trace, TraceId.Hex(reader.GetFieldValue<byte[]>(1))!),
            reader.IsDBNull(2) ? null : new SpanKey(trace, TraceId.Hex(reader.GetFieldValue<byte[]>(2))!),
            reader.GetString(3), reader.GetString(4), TraceReader.KindOf(reader.GetInt16(5)),
            start, start + (reader.GetInt64(7) / 1000),
            long.TryParse(reader.TextOrNull(8), NumberStyles.None, CultureInfo.InvariantCulture, out var waited) ? waited : 0);
    }
}
