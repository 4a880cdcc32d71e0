using System.Diagnostics;
using System.Text;

namespace OrderFlow.Messaging.Envelope;

/// <summary>W3C trace context and baggage in AMQP headers, as text.</summary>
internal static class TraceHeaders
{
    /// <summary>What the W3C allows for baggage as a whole, in characters; longer text is not passed on.</summary>
    private const int Longest = 8192;

    public static void Inject(Activity? activity, Dictionary<string, object?> headers)
    {
        if (activity is not null)
        {
            DistributedContextPropagator.Current.Inject(activity, headers, static (carrier, name, value) =>
            {
                if (value.Length <= Longest)
                {
                    ((Dictionary<string, object?>)carrier!)[name] = value;
                }
            });
        }
    }

    /// <summary>
    /// Adds what the headers do not hold yet: a span whose parent was stored does not know the baggage, and there may be no span.
    /// </summary>
    public static void Inject(TraceContext stored, Dictionary<string, object?> headers)
    {
        Add(HeaderNames.TraceParent, stored.TraceParent);
        Add(HeaderNames.TraceState, stored.TraceState);
        Add(HeaderNames.Baggage, stored.Baggage);

        void Add(string name, string? value)
        {
            if (value is { Length: <= Longest })
            {
                headers.TryAdd(name, value);
            }
        }
    }

    /// <summary>The producer's span; the default when the headers name none that is valid.</summary>
    public static ActivityContext Extract(IDictionary<string, object?>? headers)
    {
        DistributedContextPropagator.Current.ExtractTraceIdAndState(headers, Get, out var parent, out var state);
        return ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default;
    }

    public static void ExtractBaggage(IDictionary<string, object?>? headers, Activity activity)
    {
        if (TextOf(headers, HeaderNames.Baggage) is null)
        {
            return;
        }

        foreach (var (name, value) in DistributedContextPropagator.Current.ExtractBaggage(headers, Get) ?? [])
        {
            activity.AddBaggage(name, value);
        }
    }

    private static void Get(object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
        (value, values) = (TextOf((IDictionary<string, object?>?)carrier, name), null);

    private static string? TextOf(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out var value) == true
        ? value switch
        {
            byte[] { Length: <= Longest } bytes => Encoding.UTF8.GetString(bytes),
            string { Length: <= Longest } text => text,
            _ => null,
        }
        : null;
}
