using System.Text;
using Npgsql;
using NpgsqlTypes;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Writes an event as a row of the copy.</summary>
internal static class EventRow
{
    public static async Task WriteAsync(
        NpgsqlBinaryImporter copy, DateOnly day, TappedMessage message, CancellationToken cancellationToken)
    {
        var context = message.Context!;
        await copy.StartRowAsync(cancellationToken);
        await copy.WriteAsync(day, NpgsqlDbType.Date, cancellationToken);
        await copy.WriteAsync(context.EventId, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(context.CorrelationId, NpgsqlDbType.Text, cancellationToken);
        if (context.CausationId is { } causation)
        {
            await copy.WriteAsync(causation, NpgsqlDbType.Uuid, cancellationToken);
        }
        else
        {
            await copy.WriteNullAsync(cancellationToken);
        }

        await copy.WriteAsync(message.WireType!, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(context.EventVersion, NpgsqlDbType.Integer, cancellationToken);
        await TextAsync(message.Source);
        await TextAsync(context.AggregateId);
        await TextAsync(context.TenantId);
        await TextAsync(context.UserId);
        await copy.WriteAsync(context.Flow, NpgsqlDbType.Text, cancellationToken);
        await copy.WriteAsync(
            UnixMicroseconds.ToTime(context.OriginTimestampMicros).UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
        await copy.WriteAsync(UnixMicroseconds.ToTime(context.PublishedAtMicros).UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
        await copy.WriteAsync(context.Attempt, NpgsqlDbType.Integer, cancellationToken);
        await copy.WriteAsync(context.Replayed, NpgsqlDbType.Boolean, cancellationToken);
        await TextAsync(TraceParentOf(message));
        if (HeaderJson.WriteRest(message.Headers) is { } rest)
        {
            await copy.WriteAsync(rest, NpgsqlDbType.Jsonb, cancellationToken);
        }
        else
        {
            await copy.WriteNullAsync(cancellationToken);
        }

        await copy.WriteAsync(message.Body, NpgsqlDbType.Bytea, cancellationToken);
        if (FlowEnd.Of(message) is { } ended)
        {
            await copy.WriteAsync(ended.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
        }
        else
        {
            await copy.WriteNullAsync(cancellationToken);
        }

        await TextAsync(context.FlowAttempt == FlowAttempt.First ? null : context.FlowAttempt.ToText());

        Task TextAsync(string? text) =>
            text is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
    }

    private static string? TraceParentOf(TappedMessage message) =>
        message.Headers.TryGetValue(HeaderNames.TraceParent, out var value)
            && value is byte[] { Length: <= 255 } bytes
            && Ascii.IsValid(bytes)
            && !bytes.AsSpan().Contains((byte)0)
            ? Encoding.ASCII.GetString(bytes)
            : null;
}
