using System.Text.Json;
using OrderFlow.Messaging.Diagnostics;

namespace OrderFlow.Monitor.Traces;

/// <summary>A span as the critical path needs it. Times are microseconds since the Unix epoch, by the clock of its own process.</summary>
/// <param name="Id">Its trace and its id.</param>
/// <param name="Cause">Its parent, or what it links to when it begins a trace.</param>
/// <param name="Service">Who did it.</param>
/// <param name="Operation">Its name.</param>
/// <param name="Kind">As <see cref="SpanView.Kind"/>.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
/// <param name="BufferMicros">How long before that it was in the process already, as <see cref="SpanAttributes.BufferMicros"/>
/// says.</param>
/// <param name="WaitedAs">What it waited as, when it comes much later: <see cref="SpanAttributes.WaitedAs"/>.</param>
internal sealed record PathSpan(
    SpanKey Id, SpanKey? Cause, string Service, string Operation, string Kind, long Start, long End, long BufferMicros = 0,
    string? WaitedAs = null)
{
    public const string Consumer = "consumer";
    public const string Producer = "producer";

    /// <summary>Whether what caused it does not wait for it.</summary>
    public bool IsAsynchronous => Kind == Consumer || Cause?.TraceId != Id.TraceId;

    public static PathSpan Of(string traceId, SpanView span)
    {
        var start = Micros(span.StartedAt);
        return new PathSpan(
            new SpanKey(traceId, span.SpanId),
            span.ParentId is { } parent ? new SpanKey(traceId, parent) : Linked(span.Links),
            span.Service, span.Name, span.Kind, start, start + ((long)Math.Round(span.DurationMs * 1e6) / 1000),
            Attribute(span.Attributes, SpanAttributes.BufferMicros) is { ValueKind: JsonValueKind.Number } waited
                && waited.TryGetInt64(out var micros)
                ? Math.Max(0, micros)
                : 0,
            Attribute(span.Attributes, SpanAttributes.WaitedAs) is { ValueKind: JsonValueKind.String } stage ? stage.GetString() : null);
    }

    public static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static SpanKey? Linked(JsonElement? links) =>
        links is { ValueKind: JsonValueKind.Array } all
            && all.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
            && Attribute(first, "traceId")?.GetString() is { } trace && Attribute(first, "spanId")?.GetString() is { } span
            ? new SpanKey(trace, span)
            : null;

    private static JsonElement? Attribute(JsonElement? attributes, string name) =>
        attributes is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(name, out var value) ? value : null;
}

/// <summary>A span among those of several traces.</summary>
internal readonly record struct SpanKey(string TraceId, string SpanId);
