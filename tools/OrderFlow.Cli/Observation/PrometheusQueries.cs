using System.Globalization;
using System.Text.Json;

namespace OrderFlow.Cli.Observation;

/// <summary>Asks the system's Prometheus.</summary>
internal sealed class PrometheusQueries(HttpClient http) : IDisposable
{
    /// <summary>The samples of a query, with the label's value of each; of several labels, joined by a slash.</summary>
    public async Task<IReadOnlyDictionary<string, double>> AskAsync(
        string query, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        var result = await GetAsync(query, cancellationToken);
        return result.EnumerateArray()
            .ToDictionary(series => Name(series, labels), series => Number(series.GetProperty("value")), StringComparer.Ordinal);
    }

    /// <summary>
    /// How much a counter of the processes grew during the run as far as Prometheus saw it: every sample's step, and from zero after a
    /// process started anew. What a killed process counted after its last scrape is in no sample.
    /// </summary>
    public async Task<double> GrowthAsync(string selector, TimeSpan during, CancellationToken cancellationToken)
    {
        var result = await GetAsync($"{selector}[{(int)Math.Ceiling(during.TotalSeconds)}s]", cancellationToken);
        var growth = 0.0;
        foreach (var series in result.EnumerateArray())
        {
            var before = 0.0;
            foreach (var sample in series.GetProperty("values").EnumerateArray())
            {
                var now = Number(sample);
                growth += now >= before ? now - before : now;
                before = now;
            }
        }

        return growth;
    }

    public void Dispose() => http.Dispose();

    private static string Name(JsonElement series, IReadOnlyList<string> labels) =>
        string.Join(
            '/', labels.Select(label => series.GetProperty("metric").TryGetProperty(label, out var value) ? value.GetString() : ""));

    private static double Number(JsonElement sample) => double.Parse(sample[1].GetString()!, CultureInfo.InvariantCulture);

    private async Task<JsonElement> GetAsync(string query, CancellationToken cancellationToken)
    {
        await using var answer = await http.GetStreamAsync(
            new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative), cancellationToken);
        using var document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        return document.RootElement.GetProperty("data").GetProperty("result").Clone();
    }
}
