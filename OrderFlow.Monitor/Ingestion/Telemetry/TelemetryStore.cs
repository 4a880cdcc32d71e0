using Npgsql;
using NpgsqlTypes;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Stores spans and log lines in one transaction, copied in binary. One batch at a time: its only caller is <see cref="TelemetryWriter"/>.
/// </summary>
internal sealed class TelemetryStore(NpgsqlDataSource database, Partitions partitions) : IAsyncDisposable
{
    private readonly StoringConnection _connection = new(database, partitions, TelemetrySql.MakeStaging);

    /// <returns>How many spans were new.</returns>
    public Task<long> StoreAsync(IReadOnlyList<TelemetryBatch> batches, CancellationToken cancellationToken)
    {
        List<SpanRow> spans = [.. batches.SelectMany(batch => batch.Spans)];
        List<LogRow> logs = [.. batches.SelectMany(batch => batch.Logs)];
        return _connection.StoreAsync(
            spans.Select(span => Day(span.StartedAt)).Concat(logs.Select(log => Day(log.At))),
            async connection =>
            {
                var stored = await StoreSpansAsync(connection, spans, cancellationToken);
                await StoreLogsAsync(connection, logs, cancellationToken);
                return stored;
            },
            cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<long> StoreSpansAsync(NpgsqlConnection connection, List<SpanRow> spans, CancellationToken cancellationToken)
    {
        if (spans.Count == 0)
        {
            return 0;
        }

        await using (var copy = await connection.BeginBinaryImportAsync(TelemetrySql.CopySpans, cancellationToken))
        {
            foreach (var span in spans)
            {
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(Day(span.StartedAt), NpgsqlDbType.Date, cancellationToken);
                await copy.WriteAsync(span.TraceId, NpgsqlDbType.Bytea, cancellationToken);
                await copy.WriteAsync(span.SpanId, NpgsqlDbType.Bytea, cancellationToken);
                await WriteAsync(copy, span.ParentId, NpgsqlDbType.Bytea, cancellationToken);
                await copy.WriteAsync(span.Service, NpgsqlDbType.Text, cancellationToken);
                await WriteAsync(copy, span.Instance, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(span.Scope, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(span.Name, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(span.Kind, NpgsqlDbType.Smallint, cancellationToken);
                await copy.WriteAsync(span.StartedAt, NpgsqlDbType.TimestampTz, cancellationToken);
                await copy.WriteAsync(span.DurationNanos, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(span.IsError, NpgsqlDbType.Boolean, cancellationToken);
                await WriteAsync(copy, span.Problem, NpgsqlDbType.Text, cancellationToken);
                await WriteAsync(copy, span.Attributes, NpgsqlDbType.Jsonb, cancellationToken);
                await WriteAsync(copy, span.Events, NpgsqlDbType.Jsonb, cancellationToken);
                await WriteAsync(copy, span.Links, NpgsqlDbType.Jsonb, cancellationToken);
                await WriteAsync(copy, span.LinkedTraces, NpgsqlDbType.Array | NpgsqlDbType.Bytea, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }

        await using var command = new NpgsqlCommand(TelemetrySql.StoreSpans, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task StoreLogsAsync(NpgsqlConnection connection, List<LogRow> logs, CancellationToken cancellationToken)
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

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellationToken)
        where T : class => value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, type, cancellationToken);

    private static DateOnly Day(DateTime at) => DateOnly.FromDateTime(at);
}
