using System.Net.Http.Json;
using System.Text.Json;

namespace OrderFlow.Cli.Observation;

/// <summary>Every event that the Monitor has stored.</summary>
/// <param name="Events">The events.</param>
/// <param name="SampledTraces">Of each order whose trace was sampled, the trace that began with it.</param>
internal sealed record MonitorEvents(IReadOnlyList<StoredEvent> Events, IReadOnlyDictionary<string, string> SampledTraces)
{
    /// <summary>A version, the trace's id, the span's, and the flags.</summary>
    private const int PartsOfTraceParent = 4;

    /// <param name="monitor">Knows its address and token.</param>
    /// <param name="cancellationToken">Nobody waits for it any more.</param>
    public static async Task<MonitorEvents> ReadAsync(HttpClient monitor, CancellationToken cancellationToken)
    {
        var (times, traces) = (new Dictionary<StoredEvent, long>(), new Dictionary<string, string>(StringComparer.Ordinal));
        for (long? next = 0; next is { } after;)
        {
            var page = await monitor.GetFromJsonAsync<JsonElement>(
                new Uri($"api/events?after={after}", UriKind.Relative), cancellationToken);
            foreach (var one in page.GetProperty("events").EnumerateArray())
            {
                var stored = new StoredEvent(
                    one.GetProperty("eventId").GetGuid(), Text(one, "type"), Text(one, "orderId"), Text(one, "source"), Times: 1);
                times[stored] = times.GetValueOrDefault(stored) + 1;
                if (stored.WireType == "order.created" && Text(one, "traceParent").Split('-') is { Length: PartsOfTraceParent } parts
                    && parts[^1] == "01")
                {
                    traces[stored.OrderId] = parts[1];
                }
            }

            next = page.TryGetProperty("next", out var more) ? more.GetInt64() : null;
        }

        return new MonitorEvents([.. times.Select(one => one.Key with { Times = one.Value })], traces);
    }

    private static string Text(JsonElement one, string property) =>
        one.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";
}
