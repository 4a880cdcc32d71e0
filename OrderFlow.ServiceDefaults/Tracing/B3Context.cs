using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>A trace context in B3, the form of Zipkin and older meshes: github.com/openzipkin/b3-propagation.</summary>
/// <param name="TraceId">32 hexadecimal digits; a 64-bit id is padded with zeros on the left.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="Sampled">The caller's decision, or null when it leaves the decision to the receiver.</param>
internal sealed record B3Context(string TraceId, string SpanId, bool? Sampled)
{
    /// <summary>Reads the single header: <c>{trace}-{span}[-{decision}[-{parent}]]</c>.</summary>
    public static bool TryParse(string? b3, [NotNullWhen(true)] out B3Context? context)
    {
        var parts = b3?.Split('-') ?? [];
        context = parts.Length is >= 2 and <= 4 ? Create(parts[0], parts[1], parts.ElementAtOrDefault(2), debug: false) : null;
        return context is not null;
    }

    /// <summary>Reads <c>X-B3-TraceId</c>, <c>X-B3-SpanId</c>, <c>X-B3-Sampled</c> and <c>X-B3-Flags</c>.</summary>
    public static bool TryParse(
        string? traceId, string? spanId, string? sampled, string? flags, [NotNullWhen(true)] out B3Context? context)
    {
        context = Create(traceId, spanId, sampled, debug: flags == "1");
        return context is not null;
    }

    private static B3Context? Create(string? traceId, string? spanId, string? decision, bool debug)
    {
        if (traceId?.Length is not (16 or 32) || spanId?.Length != 16)
        {
            return null;
        }

        traceId = traceId.PadLeft(32, '0').ToLowerInvariant();
        spanId = spanId.ToLowerInvariant();
        var sampled = debug ? true : decision switch
        {
            "1" or "d" or "true" => true,
            "0" or "false" => false,
            _ => (bool?)null,
        };

        // The W3C parser knows what an id may be: hexadecimal and not all zeros.
        return ActivityContext.TryParse($"00-{traceId}-{spanId}-00", traceState: null, out _)
            ? new B3Context(traceId, spanId, sampled)
            : null;
    }
}
