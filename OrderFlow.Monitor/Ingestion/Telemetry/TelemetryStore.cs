using Npgsql;
using NpgsqlTypes;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Stores traces, log lines and figures of operations in one transaction, copied in binary. One batch at a time: its only caller is
/// <see cref="TelemetryWriter"/>.
/// </summary>
internal sealed class TelemetryStore(NpgsqlDataSource database, Partitions partitions) : IAsyncDisposable
{
    private readonly StoringConnection _connection = new(database, partitions);

    /// <returns>How many spans were new.</returns>
    public Task<long> StoreAsync(TelemetryRows rows, CancellationToken cancellationToken) => _connection.StoreAsync(
        rows.Traces.Select(trace => Day(trace.StartedAt)).Concat(rows.Logs.Select(log => Day(log.At)))
            .Concat(rows.Operations.Select(operation => Day(operation.Minute))),
        async connection =>
        {
            var stored = await StoreTracesAsync(connection, rows.Traces, cancellationToken);
            await StoreLogsAsync(connection, rows.Logs, cancellationToken);
            await StoreOperationsAsync(connection, rows.Operations, cancellationToken);
            return stored;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<long> StoreTracesAsync(
        NpgsqlConnection connection, IReadOnlyList<TraceRow> traces, CancellationToken cancellationToken)
    {
        if (traces.Count == 0)
        {
            return 0;
        }

        var known = await StoredTraces.ReadAsync(connection, traces, cancellationToken);
        var (seen, again) = (new HashSet<string>(StringComparer.Ordinal), new List<TraceRow>());
        var parts = new List<(TraceRow Row, bool IsPart)>(traces.Count);
        foreach (var trace in traces)
        {
            if (!seen.Add(Convert.ToHexString(trace.TraceId)))
            {
                again.Add(trace);
                continue;
            }

            if (known.Find(trace) is not { } stored)
            {
                parts.Add((trace, false));
            }
            else if (stored.WithoutKnown(trace) is { } part)
            {
                await AddToTraceAsync(connection, stored, part, cancellationToken);
                parts.Add((part, true));
            }
        }

        await CopyAsync(connection, parts, cancellationToken);
        return parts.Sum(part => (long)part.Row.Spans) + await StoreTracesAsync(connection, again, cancellationToken);
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, List<(TraceRow Row, bool IsPart)> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(TelemetrySql.CopyTraces, cancellationToken);
        foreach (var (row, isPart) in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(Day(row.StartedAt), NpgsqlDbType.Date, cancellationToken);
            await copy.WriteAsync((short)row.StartedAt.Hour, NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync(row.TraceId, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(isPart, NpgsqlDbType.Boolean, cancellationToken);
            await copy.WriteAsync(row.StartedAt, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(row.EndedAt, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(row.Spans, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Errors, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Services, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Service, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Name, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(row.Operations, NpgsqlDbType.Array | NpgsqlDbType.Integer, cancellationToken);
            await WriteAsync(copy, row.LinkedTraces, NpgsqlDbType.Array | NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(row.Weight, NpgsqlDbType.Real, cancellationToken);
            await copy.WriteAsync(row.Data, NpgsqlDbType.Bytea, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task AddToTraceAsync(
        NpgsqlConnection connection, StoredTraces.Trace stored, TraceRow part, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TelemetrySql.AddToTrace, connection)
        {
            Parameters =
            {
                Sql.Value(stored.Day), Sql.Value(stored.Hour), Sql.Value(part.TraceId), Sql.Value(part.StartedAt), Sql.Value(part.EndedAt),
                Sql.Value(part.Spans), Sql.Value(part.Errors), Sql.Value(part.Services), Sql.Value(part.Service), Sql.Value(part.Name),
                Sql.Value(part.Operations),
                new()
                {
                    Value = (object?)part.LinkedTraces ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task StoreLogsAsync(
        NpgsqlConnection connection, IReadOnlyList<LogRow> logs, CancellationToken cancellationToken)
    {
        if (logs.Count == 0)
        {
            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(TelemetrySql.CopyLogs, cancellationToken);
        foreach (var log in logs)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(Day(log.At), NpgsqlDbType.Date, cancellationToken);
            await copy.WriteAsync(log.At, NpgsqlDbType.TimestampTz, cancellationToken);
            await WriteAsync(copy, log.TraceId, NpgsqlDbType.Bytea, cancellationToken);
            await WriteAsync(copy, log.SpanId, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(log.Service, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(log.Category, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(log.Severity, NpgsqlDbType.Smallint, cancellationToken);
            await WriteAsync(copy, log.EventName, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(log.Body, NpgsqlDbType.Text, cancellationToken);
            await WriteAsync(copy, log.Attributes, NpgsqlDbType.Jsonb, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task StoreOperationsAsync(
        NpgsqlConnection connection, IReadOnlyList<OperationRow> operations, CancellationToken cancellationToken)
    {
        if (operations.Count == 0)
        {
            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(TelemetrySql.CopyOperations, cancellationToken);
        foreach (var operation in operations)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(Day(operation.Minute), NpgsqlDbType.Date, cancellationToken);
            await copy.WriteAsync(operation.Minute, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(operation.Service, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(operation.Name, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(operation.Kind, NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync(operation.Count, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(operation.Errors, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(operation.Nanos, NpgsqlDbType.Double, cancellationToken);
            await copy.WriteAsync(operation.Durations, NpgsqlDbType.Bytea, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellationToken)
        where T : class => value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, type, cancellationToken);

    private static DateOnly Day(DateTime at) => DateOnly.FromDateTime(at);
}
