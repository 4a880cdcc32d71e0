using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>
/// Reads what is compared: which flows there are, what their traces took, and the critical paths of a few. Traces are stored in another
/// proportion than they come in, so each counts as many times as it stands for.
/// </summary>
internal sealed class TracePaths(NpgsqlDataSource database)
{
    private const int MostFlows = 100;
    private const int MostTraces = 10_000;
    private const int MostSpans = 500;

    private const string Flows = """
        SELECT service, name, round(sum(weight))::bigint FROM traces
        WHERE NOT is_part AND weight > 0 AND started_at >= $1 AND ended_at < $2 AND day >= $4
        GROUP BY service, name ORDER BY sum(extract(epoch FROM ended_at - started_at) * weight) DESC, service, name LIMIT $3
        """;

    private const string Totals = """
        SELECT trace_id, (extract(epoch FROM ended_at - started_at) * 1e6)::bigint, weight FROM traces
        WHERE NOT is_part AND weight > 0 AND started_at >= $1 AND ended_at < $2 AND day >= $7 AND service = $3 AND name = $4
            AND spans <= $5 ORDER BY started_at DESC LIMIT $6
        """;

    private const string Spans = $"""
        SELECT trace_id, data FROM traces WHERE trace_id = ANY ($1) AND day >= $2 AND {TraceSearch.AnyHour}
        """;

    /// <summary>What traces began with that began in this time and have ended, those first that took the most time together.</summary>
    public async Task<List<TracedFlow>> FlowsAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Flows);
        command.Parameters.AddRange(
            new[] { Sql.Time(from), Sql.Time(until), Sql.Value(MostFlows), Sql.Value(Retention.Day(from)) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<TracedFlow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new TracedFlow(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return found;
    }

    /// <summary>The traces of one flow, the latest of them when there are very many.</summary>
    public async Task<List<WeightedTime>> TotalsAsync(
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
                Sql.Value(MostSpans),
                Sql.Value(MostTraces),
                Sql.Value(Retention.Day(from)),
            });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<WeightedTime>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new WeightedTime(
                new TracedTime(TraceId.Hex(reader.GetFieldValue<byte[]>(0))!, reader.GetInt64(1)), reader.GetFloat(2)));
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
        var rows = new List<(string Trace, byte[] Data)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((TraceId.Hex(reader.GetFieldValue<byte[]>(0))!, reader.GetFieldValue<byte[]>(1)));
        }

        return rows.GroupBy(row => row.Trace, StringComparer.Ordinal).ToDictionary(
            trace => trace.Key,
            trace => CriticalPathFinder.Of(
                SpanViews.Of(trace.Select(row => row.Data), Json).Select(span => PathSpan.Of(trace.Key, span)))!,
            StringComparer.Ordinal);
    }

    private static JsonElement? Json(string? text) => text is null ? null : Orders.EventBodyJson.Parse(text);
}

/// <summary>What a trace took, and how many traces it stands for.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WeightedTime(TracedTime Trace, double Weight);
