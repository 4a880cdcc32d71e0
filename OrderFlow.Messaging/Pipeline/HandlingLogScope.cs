using System.Collections;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>What every log line inside a handler carries; formatted only if a line is written.</summary>
internal sealed class HandlingLogScope(EventContext context, string? traceId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => traceId is null ? 2 : 3;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("CorrelationId", context.CorrelationId),
        1 => new("EventId", context.EventId),
        2 when traceId is not null => new("TraceId", traceId),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(", ", this.Select(entry => $"{entry.Key}: {entry.Value}"));
}
