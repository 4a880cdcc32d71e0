using System.Text.Json;
using Google.Protobuf;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Traces;

/// <summary>Reads the spans of a trace out of its rows.</summary>
internal static class SpanViews
{
    private const int StatusError = 2;

    private static readonly string[] Kinds = ["internal", "internal", "server", "client", "producer", "consumer"];

    /// <param name="rows">What the rows of the trace hold.</param>
    /// <param name="json">Reads attributes, and hides in them what nobody is shown.</param>
    /// <returns>Each span once, in the order in which they began.</returns>
    public static IReadOnlyList<SpanView> Of(IEnumerable<byte[]> rows, Func<string?, JsonElement?> json)
    {
        var spans = new List<SpanView>();
        foreach (var resource in rows.SelectMany(row => StoredSpans.Unpack(row).ResourceSpans))
        {
            var (service, instance) = Sender.NamesOf(resource.Resource);
            foreach (var scope in resource.ScopeSpans)
            {
                var scopeName = AttributeJson.Clean(scope.Scope?.Name ?? "");
                spans.AddRange(scope.Spans.Select(span => Of(span, service, instance, scopeName, json)));
            }
        }

        List<SpanView> ordered =
            [.. spans.DistinctBy(span => span.SpanId).OrderBy(span => span.StartedAt).ThenBy(span => span.ParentId is not null)];
        return [.. ordered.Select(span => span with { OffsetMs = (span.StartedAt - ordered[0].StartedAt).TotalMilliseconds })];
    }

    public static string KindOf(int kind) => Kinds[Math.Clamp(kind, 0, Kinds.Length - 1)];

    /// <returns><see langword="null"/> for what is no id.</returns>
    public static string? IdOf(ByteString id) =>
        id.Length == 8 && id.Span.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(id.Span) : null;

    private static SpanView Of(Span span, string service, string? instance, string scope, Func<string?, JsonElement?> json) =>
        new(
            Convert.ToHexStringLower(span.SpanId.Span),
            IdOf(span.ParentSpanId),
            Depth: 0,
            service,
            instance,
            scope,
            Sender.NameOf(span.Name),
            KindOf(span.Kind),
            new DateTimeOffset(OtlpReader.Time(span.StartTimeUnixNano)),
            OffsetMs: 0,
            OtlpReader.Duration(span.StartTimeUnixNano, span.EndTimeUnixNano) / 1e6,
            span.Status?.Code == StatusError,
            span.Status?.Message is { Length: > 0 } problem ? AttributeJson.Clean(problem) : null,
            json(AttributeJson.Of(span.Attributes)),
            json(AttributeJson.Of(span.Events)),
            json(AttributeJson.Of(span.Links)));
}
