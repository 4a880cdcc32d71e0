using Google.Protobuf;
using Google.Protobuf.Collections;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// From OTLP's messages to rows. What has no valid id, or a time that is not kept, is rejected; the rest of its request is not.
/// </summary>
internal sealed class OtlpReader(Retention retention, TimeProvider time)
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int StatusError = 2;
    /// <summary>UTF-16 units of a name.</summary>
    private const int LongestName = 256;

    /// <summary>Ten years, which the database can still add to a time.</summary>
    private const ulong LongestNanos = 3650UL * 86_400 * 1_000_000_000;

    /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
    /// <exception cref="System.Text.Json.JsonException">They are no JSON.</exception>
    /// <exception cref="FormatException">The JSON is no such message.</exception>
    public TelemetryBatch Spans(ReadOnlyMemory<byte> body, bool json)
    {
        var (request, rejected) = json ? OtlpJson.Read<ExportTraceRequest>(body) : (ExportTraceRequest.Parser.ParseFrom(body.Span), 0);
        var (first, last) = (retention.FirstDay, retention.LastDay);
        var rows = new List<SpanRow>();
        foreach (var resource in request.ResourceSpans)
        {
            var (service, instance) = Sender(resource.Resource);
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    var started = Time(span.StartTimeUnixNano);
                    if (IsId(span.TraceId, TraceIdBytes) && IsId(span.SpanId, SpanIdBytes) && IsKept(started, first, last))
                    {
                        rows.Add(Read(span, service, instance, scope.Scope?.Name ?? "", started));
                    }
                    else
                    {
                        rejected++;
                    }
                }
            }
        }

        return new TelemetryBatch(rows, [], rejected);
    }

    /// <inheritdoc cref="Spans"/>
    public TelemetryBatch Logs(ReadOnlyMemory<byte> body, bool json)
    {
        var (request, rejected) = json ? OtlpJson.Read<ExportLogsRequest>(body) : (ExportLogsRequest.Parser.ParseFrom(body.Span), 0);
        var (first, last) = (retention.FirstDay, retention.LastDay);
        var rows = new List<LogRow>();
        foreach (var resource in request.ResourceLogs)
        {
            var (service, _) = Sender(resource.Resource);
            foreach (var scope in resource.ScopeLogs)
            {
                foreach (var log in scope.LogRecords)
                {
                    var at = log switch
                    {
                        { TimeUnixNano: > 0 } => Time(log.TimeUnixNano),
                        { ObservedTimeUnixNano: > 0 } => Time(log.ObservedTimeUnixNano),
                        _ => time.GetUtcNow().UtcDateTime,
                    };
                    if (IsKept(at, first, last))
                    {
                        rows.Add(Read(log, service, scope.Scope?.Name ?? "", at));
                    }
                    else
                    {
                        rejected++;
                    }
                }
            }
        }

        return new TelemetryBatch([], rows, rejected);
    }

    /// <summary>To the 100 ns; what is beyond the calendar is its end.</summary>
    public static DateTime Time(ulong unixNanoseconds) =>
        DateTime.UnixEpoch.AddTicks((long)Math.Min(unixNanoseconds / 100, (ulong)(DateTime.MaxValue - DateTime.UnixEpoch).Ticks));

    private static SpanRow Read(Span span, string service, string? instance, string scope, DateTime started) => new(
        span.TraceId.ToByteArray(),
        span.SpanId.ToByteArray(),
        IsId(span.ParentSpanId, SpanIdBytes) ? span.ParentSpanId.ToByteArray() : null,
        service,
        instance,
        AttributeJson.Clean(scope),
        Name(span.Name),
        (short)Math.Clamp(span.Kind, 0, 5),
        started,
        // A clock that was set back in between makes a span of no length.
        span.EndTimeUnixNano > span.StartTimeUnixNano ? (long)Math.Min(span.EndTimeUnixNano - span.StartTimeUnixNano, LongestNanos) : 0,
        span.Status?.Code == StatusError,
        span.Status?.Message is { Length: > 0 } problem ? AttributeJson.Clean(problem) : null,
        AttributeJson.Of(span.Attributes),
        AttributeJson.Of(span.Events),
        AttributeJson.Of(span.Links),
        span.Links.Count == 0 ? null : [.. span.Links.Select(link => link.TraceId.ToByteArray())]);

    private static LogRow Read(LogRecord log, string service, string category, DateTime at) => new(
        at,
        IsId(log.TraceId, TraceIdBytes) ? log.TraceId.ToByteArray() : null,
        IsId(log.SpanId, SpanIdBytes) ? log.SpanId.ToByteArray() : null,
        service,
        AttributeJson.Clean(category),
        (short)Math.Clamp(log.SeverityNumber, 0, 24),
        log.EventName is { Length: > 0 } name ? Name(name) : null,
        AttributeJson.Text(log.Body),
        AttributeJson.Of(log.Attributes));

    private static (string Service, string? Instance) Sender(Resource? resource)
    {
        RepeatedField<KeyValue> attributes = resource?.Attributes ?? [];
        return (Find("service.name") ?? "unknown_service", Find("service.instance.id"));

        string? Find(string key) =>
            attributes.FirstOrDefault(attribute => attribute.Key == key) is { Value.StringValue: { Length: > 0 } value }
                ? Name(value)
                : null;
    }

    private static string Name(string text) => TextCut.ToUnits(AttributeJson.Clean(text), LongestName);

    private static bool IsId(ByteString id, int length) => id.Length == length && id.Span.ContainsAnyExcept((byte)0);

    private static bool IsKept(DateTime at, DateOnly first, DateOnly last) =>
        DateOnly.FromDateTime(at) is var day && day >= first && day <= last;
}
