using Npgsql;
using NpgsqlTypes;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.ReceiveTelemetry;

/// <summary>Stores spans and log lines in one transaction, copied in binary. One batch at a time: its only caller is <see cref="TelemetryWriter"/>.</summary>
internal sealed class TelemetryStore(NpgsqlDataSource database, Partitions partitions) : IAsyncDisposable
{
    private readonly HashSet<DateOnly> _days = [];
    private NpgsqlConnection? _connection;

    /// <returns>How many spans were new.</returns>
    public async Task<long> StoreAsync(IReadOnlyList<TelemetryBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            await MakePartitionsAsync(batches, cancellationToken);
            _connection ??= await OpenAsync(cancellationToken);
            await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
            var stored = await StoreSpansAsync(_connection, [.. batches.SelectMany(batch => batch.Spans)], cancellationToken);
            await StoreLogsAsync(_connection, [.. batches.SelectMany(batch => batch.Logs)], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return stored;
        }
        catch
        {
            // Whatever state the connection is in, and whoever dropped a partition meanwhile: the next batch begins afresh.
            _days.Clear();
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task MakePartitionsAsync(IReadOnlyList<TelemetryBatch> batches, CancellationToken cancellationToken)
    {
        var missing = batches.SelectMany(batch => batch.Spans.Select(span => Day(span.StartedAt)).Concat(batch.Logs.Select(log => Day(log.At))))
            .Distinct().Where(day => !_days.Contains(day)).ToList();
        if (missing.Count > 0)
        {
            await partitions.MakeAsync(missing, cancellationToken);
            _days.UnionWith(missing);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(TelemetrySql.MakeStaging, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

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
