using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>From OTLP's messages to the records that tests read.</summary>
internal static class OtlpReading
{
    private const int StatusError = 2;

    public static ReceivedSpan[] Spans(ExportTraceRequest request) =>
    [
        .. from resource in request.ResourceSpans
           from scope in resource.ScopeSpans
           from span in scope.Spans
           select Read(Service(resource.Resource), scope.Scope?.Name ?? "", span),
    ];

    public static ReceivedLog[] Logs(ExportLogsRequest request) =>
    [
        .. from resource in request.ResourceLogs
           from scope in resource.ScopeLogs
           from log in scope.LogRecords
           select new ReceivedLog(
               Service(resource.Resource), scope.Scope?.Name ?? "", log.Body?.StringValue ?? "", Hex(log.TraceId), Hex(log.SpanId)),
    ];

    public static ReceivedMetric[] Metrics(ExportMetricsRequest request) =>
    [
        .. from resource in request.ResourceMetrics
           from scope in resource.ScopeMetrics
           from metric in scope.Metrics
           select new ReceivedMetric(Service(resource.Resource), scope.Scope?.Name ?? "", metric.Name, metric.Unit),
    ];

    private static ReceivedSpan Read(string service, string source, Span span) => new(
        service,
        source,
        Hex(span.TraceId),
        Hex(span.SpanId),
        Hex(span.ParentSpanId),
        span.Name,
        Kind(span.Kind),
        span.Status?.Code == StatusError,
        Time(span.StartTimeUnixNano),
        Time(span.EndTimeUnixNano) - Time(span.StartTimeUnixNano),
        Attributes(span.Attributes),
        [.. span.Links.Select(link => (Hex(link.TraceId), Hex(link.SpanId)))]);

    private static ActivityKind Kind(int wire) => wire switch
    {
        2 => ActivityKind.Server,
        3 => ActivityKind.Client,
        4 => ActivityKind.Producer,
        5 => ActivityKind.Consumer,
        _ => ActivityKind.Internal,
    };

    private static string Service(OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Resource? resource) =>
        Attributes(resource?.Attributes ?? []).GetValueOrDefault("service.name") as string ?? "";

    private static Dictionary<string, object?> Attributes(RepeatedField<KeyValue> attributes) =>
        attributes.ToDictionary(
            attribute => attribute.Key,
            attribute => attribute.Value?.ValueCase switch
            {
                AnyValue.ValueOneofCase.StringValue => attribute.Value.StringValue,
                AnyValue.ValueOneofCase.BoolValue => attribute.Value.BoolValue,
                AnyValue.ValueOneofCase.IntValue => attribute.Value.IntValue,
                AnyValue.ValueOneofCase.DoubleValue => attribute.Value.DoubleValue,
                _ => (object?)null,
            },
            StringComparer.Ordinal);

    private static DateTimeOffset Time(ulong nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100));

    private static string Hex(ByteString id) => Convert.ToHexStringLower(id.Span);
}
