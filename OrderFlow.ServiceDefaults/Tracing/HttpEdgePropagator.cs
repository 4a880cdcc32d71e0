using System.Diagnostics;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Reads the trace context of a request: W3C first, then B3. What cannot be read counts as absent and a new trace begins,
/// for a stranger's header must never fail a request. Outgoing contexts are W3C.
/// </summary>
/// <param name="root">Decides for a trace that begins here, where a B3 context does not.</param>
internal sealed class HttpEdgePropagator(Sampler root) : DistributedContextPropagator
{
    private readonly W3CTraceContext _w3c = new();

    public override IReadOnlyCollection<string> Fields => _w3c.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        _w3c.Inject(activity, carrier, setter);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        _w3c.ExtractBaggage(carrier, getter);

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        (traceId, traceState) = (null, null);
        if (getter is null)
        {
            return;
        }

        if (Get("traceparent") is { Length: > 0 })
        {
            // It gives nothing for what is not well-formed.
            _w3c.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
        }
        else if (B3Context.TryParse(Get("b3"), out var b3)
            || B3Context.TryParse(Get("X-B3-TraceId"), Get("X-B3-SpanId"), Get("X-B3-Sampled"), Get("X-B3-Flags"), out b3))
        {
            traceId = $"00-{b3.TraceId}-{b3.SpanId}-{(b3.Sampled ?? Decides(b3) ? "01" : "00")}";
        }

        string? Get(string field)
        {
            getter(carrier, field, out var value, out _);
            return value;
        }
    }

    /// <summary>W3C cannot say "decide yourself", so the decision that B3 leaves open is taken here.</summary>
    private bool Decides(B3Context b3)
    {
        var trace = new SamplingParameters(default, ActivityTraceId.CreateFromString(b3.TraceId), "", ActivityKind.Server);
        return root.ShouldSample(trace).Decision == SamplingDecision.RecordAndSample;
    }
}
