using System.Diagnostics;

namespace OrderFlow.Messaging.Envelope;

/// <summary>W3C trace context and baggage, as text; the headers of the same names.</summary>
public readonly record struct TraceContext(string? TraceParent = null, string? TraceState = null, string? Baggage = null)
{
    /// <summary>What the activity would pass on.</summary>
    public static TraceContext Capture(Activity? activity)
    {
        if (activity is null)
        {
            return default;
        }

        var carrier = new Dictionary<string, string>(3, StringComparer.Ordinal);
        DistributedContextPropagator.Current.Inject(
            activity, carrier, static (carrier, name, value) => ((Dictionary<string, string>)carrier!)[name] = value);
        return new TraceContext(
            carrier.GetValueOrDefault("traceparent"), carrier.GetValueOrDefault("tracestate"), carrier.GetValueOrDefault("baggage"));
    }

    /// <summary>The captured span, to be the parent of the one that publishes; the default when none was captured.</summary>
    public ActivityContext Parent() =>
        ActivityContext.TryParse(TraceParent, TraceState, isRemote: false, out var parent) ? parent : default;
}
