using System.Buffers.Binary;
using Google.Protobuf;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Finds the spans and log lines of a request, and what has to be known of each before it is decided whether it is kept; the rest of them
/// is read by whoever looks at it. What has no valid id, or a time that is not kept, is rejected; the rest of its request is not.
/// </summary>
internal sealed class OtlpReader(Retention retention, Senders senders, TimeProvider time)
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int StatusError = 2;

    /// <summary>Ten years, which the database can still add to a time.</summary>
    private const ulong LongestNanos = 3650UL * 86_400 * 1_000_000_000;

    /// <exception cref="InvalidDataException">The bytes are no such message.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
    /// <exception cref="System.Text.Json.JsonException">They are no JSON.</exception>
    /// <exception cref="FormatException">The JSON is no such message.</exception>
    public TelemetryBatch Spans(OtlpBody body, bool json)
    {
        var kept = (First: retention.FirstDay, Last: retention.LastDay);
        return Read<ExportTraceRequest>(body, json, (batch, sender, record) => AddSpan(batch, sender, record, kept));
    }

    /// <inheritdoc cref="Spans"/>
    public TelemetryBatch Logs(OtlpBody body, bool json)
    {
        var kept = (First: retention.FirstDay, Last: retention.LastDay);
        return Read<ExportLogsRequest>(body, json, (batch, sender, record) => AddLog(batch, sender, record, kept));
    }

    /// <summary>To the 100 ns; what is beyond the calendar is its end.</summary>
    public static DateTime Time(ulong unixNanoseconds) =>
        DateTime.UnixEpoch.AddTicks((long)Math.Min(unixNanoseconds / 100, (ulong)(DateTime.MaxValue - DateTime.UnixEpoch).Ticks));

    /// <summary>How long a span took. A clock that was set back in between makes a span of no length.</summary>
    public static long Duration(ulong start, ulong end) => end > start ? (long)Math.Min(end - start, LongestNanos) : 0;

    private TelemetryBatch Read<TRequest>(OtlpBody body, bool json, Action<TelemetryBatch, Sender, ReadOnlyMemory<byte>> add)
        where TRequest : IMessage, new()
    {
        ReadOnlyMemory<byte> bytes;
        TelemetryBatch batch;
        if (json)
        {
            var (request, unreadable) = OtlpJson.Read<TRequest>(body.Bytes);
            (bytes, batch) = (request.ToByteArray(), new TelemetryBatch(body: null) { Rejected = unreadable });
        }
        else
        {
            (bytes, batch) = (body.Bytes, new TelemetryBatch(body.Detach()));
        }

        try
        {
            Walk(bytes, (sender, record) => add(batch, sender, record));
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Both kinds of request have their resources, scopes and records in fields of the same numbers.</summary>
    private void Walk(ReadOnlyMemory<byte> request, Action<Sender, ReadOnlyMemory<byte>> found)
    {
        var reader = new ProtobufReader(request.Span);
        while (reader.Read())
        {
            if (reader.Field == ExportTraceRequest.ResourceSpansFieldNumber)
            {
                WalkResource(request.Slice(reader.ValueAt, reader.Value.Length), found);
            }
        }
    }

    private void WalkResource(ReadOnlyMemory<byte> ofResource, Action<Sender, ReadOnlyMemory<byte>> found)
    {
        var resource = Find(ofResource.Span, ResourceSpans.ResourceFieldNumber);
        var reader = new ProtobufReader(ofResource.Span);
        while (reader.Read())
        {
            if (reader.Field != ResourceSpans.ScopeSpansFieldNumber)
            {
                continue;
            }

            var ofScope = ofResource.Slice(reader.ValueAt, reader.Value.Length);
            var sender = senders.Of(resource, Find(ofScope.Span, ScopeSpans.ScopeFieldNumber));
            var records = new ProtobufReader(ofScope.Span);
            while (records.Read())
            {
                if (records.Field == ScopeSpans.SpansFieldNumber)
                {
                    found(sender, ofScope.Slice(records.ValueAt, records.Value.Length));
                }
            }
        }
    }

    /// <summary>The last value of a field, which is the one that counts; empty when it is not there.</summary>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtobufReader(message);
        ReadOnlySpan<byte> value = default;
        while (reader.Read())
        {
            value = reader.Field == field ? reader.Value : value;
        }

        return value;
    }

    private static void AddSpan(
        TelemetryBatch batch, Sender sender, ReadOnlyMemory<byte> record, (DateOnly First, DateOnly Last) kept)
    {
        var (traceId, spanId, kind, start, end) = (UInt128.Zero, 0UL, 0, 0UL, 0UL);
        var (isError, isLinked, name) = (false, false, ReadOnlyMemory<byte>.Empty);
        var reader = new ProtobufReader(record.Span);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case Span.TraceIdFieldNumber: traceId = TraceIdOf(reader.Value); break;
                case Span.SpanIdFieldNumber: spanId = SpanIdOf(reader.Value); break;
                case Span.NameFieldNumber: name = record.Slice(reader.ValueAt, reader.Value.Length); break;
                case Span.KindFieldNumber: kind = (int)reader.Number; break;
                case Span.StartTimeUnixNanoFieldNumber: start = reader.Number; break;
                case Span.EndTimeUnixNanoFieldNumber: end = reader.Number; break;
                case Span.LinksFieldNumber: isLinked |= IsMessage(reader.Value); break;
                case Span.StatusFieldNumber: isError = IsError(reader.Value); break;
            }
        }

        var started = Time(start);
        if (traceId == 0 || spanId == 0 || !IsKept(started, kept))
        {
            batch.Rejected++;
            return;
        }

        batch.Spans.Add(new SpanSlice(
            traceId, spanId, sender, record, name, (short)Math.Clamp(kind, 0, 5), started.Ticks, Duration(start, end), isError, isLinked));
    }

    private void AddLog(TelemetryBatch batch, Sender sender, ReadOnlyMemory<byte> record, (DateOnly First, DateOnly Last) kept)
    {
        var (traceId, at, observed, severity) = (UInt128.Zero, 0UL, 0UL, 0);
        var reader = new ProtobufReader(record.Span);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case LogRecord.TraceIdFieldNumber: traceId = TraceIdOf(reader.Value); break;
                case LogRecord.TimeUnixNanoFieldNumber: at = reader.Number; break;
                case LogRecord.ObservedTimeUnixNanoFieldNumber: observed = reader.Number; break;
                case LogRecord.SeverityNumberFieldNumber: severity = (int)reader.Number; break;
            }
        }

        var written = at > 0 ? Time(at) : observed > 0 ? Time(observed) : time.GetUtcNow().UtcDateTime;
        if (IsKept(written, kept))
        {
            batch.Logs.Add(new LogSlice(traceId, sender, record, written, severity));
        }
        else
        {
            batch.Rejected++;
        }
    }

    private static bool IsError(ReadOnlySpan<byte> status)
    {
        var reader = new ProtobufReader(status);
        var code = 0UL;
        while (reader.Read())
        {
            code = reader.Field == Status.CodeFieldNumber ? reader.Number : code;
        }

        return code == StatusError;
    }

    /// <summary>True, or an error.</summary>
    private static bool IsMessage(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            // To the end of it.
        }

        return true;
    }

    /// <summary>0, which is no id, for one of another length.</summary>
    private static UInt128 TraceIdOf(ReadOnlySpan<byte> id) =>
        id.Length == TraceIdBytes ? BinaryPrimitives.ReadUInt128BigEndian(id) : UInt128.Zero;

    /// <inheritdoc cref="TraceIdOf"/>
    private static ulong SpanIdOf(ReadOnlySpan<byte> id) => id.Length == SpanIdBytes ? BinaryPrimitives.ReadUInt64BigEndian(id) : 0;

    private static bool IsKept(DateTime at, (DateOnly First, DateOnly Last) kept) =>
        DateOnly.FromDateTime(at) is var day && day >= kept.First && day <= kept.Last;
}
