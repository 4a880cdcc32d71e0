using System.Net.Http.Json;
using System.Text.Json;

namespace OrderFlow.Cli.Observation;

/// <summary>What the Monitor reports of itself after the run.</summary>
/// <param name="UnstoredEvents">Events that wait for it.</param>
/// <param name="OpenFlows">Flows that it believes open.</param>
/// <param name="Drifts">The drift of its reconciliation, by event type and consumer; <see langword="null"/> when it did not
/// settle.</param>
internal sealed record MonitorStatus(long? UnstoredEvents, long OpenFlows, IReadOnlyDictionary<string, long>? Drifts)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>It settles when nothing has changed for 10 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="monitor">Knows its address and token.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Does not wait for it to settle.</param>
    public static async Task<MonitorStatus> ReadAsync(HttpClient monitor, TimeProvider time, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        JsonElement reconciliation;
        while (!(reconciliation = await GetAsync("api/reconciliation")).GetProperty("settled").GetBoolean()
            && time.GetElapsedTime(start) < Patience && !stop.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var dashboard = await GetAsync("api/dashboard");
        return new MonitorStatus(
            dashboard.TryGetProperty("unstoredEvents", out var unstored) ? unstored.GetInt64() : null,
            dashboard.GetProperty("openFlows").GetInt64(),
            reconciliation.GetProperty("settled").GetBoolean()
                ? reconciliation.GetProperty("rows").EnumerateArray().ToDictionary(
                    row => $"{row.GetProperty("eventType")} at {row.GetProperty("consumer")}",
                    row => row.GetProperty("drift").GetInt64(),
                    StringComparer.Ordinal)
                : null);

        Task<JsonElement> GetAsync(string path) => monitor.GetFromJsonAsync<JsonElement>(
            new Uri(path, UriKind.Relative), CancellationToken.None);
    }
}
