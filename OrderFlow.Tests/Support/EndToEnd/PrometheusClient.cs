using System.Globalization;
using System.Text.Json;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>Asks the real Prometheus.</summary>
internal sealed class PrometheusClient(HttpClient http) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The value of a query that gives one sample; null when it gives none.</summary>
    public async Task<double?> QueryAsync(string query, CancellationToken cancellationToken)
    {
        var result = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", cancellationToken);
        var samples = result.GetProperty("result").EnumerateArray().ToArray();
        return samples.Length switch
        {
            0 => null,
            1 => Number(samples[0].GetProperty("value")[1].GetString()!),
            _ => throw new InvalidOperationException($"'{query}' gave {samples.Length} samples; aggregate it to one."),
        };
    }

    /// <summary>The labels of each series that a query gives.</summary>
    public async Task<IReadOnlyList<JsonElement>> SeriesAsync(string query, CancellationToken cancellationToken)
    {
        var result = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", cancellationToken);
        return [.. result.GetProperty("result").EnumerateArray().Select(sample => sample.GetProperty("metric"))];
    }

    /// <summary>Waits until the query gives the value.</summary>
    public async Task<double?> WaitForAsync(string query, Func<double, bool> expected, CancellationToken cancellationToken)
    {
        double? last = null;
        await Wait.UntilAsync(
            () => $"'{query}' was last {last?.ToString(CultureInfo.InvariantCulture) ?? "without a sample"}",
            async () => (last = await QueryAsync(query, cancellationToken)) is { } value && expected(value),
            Patience);
        return last;
    }

    /// <summary>Waits until every job has a target and every target of the job is up.</summary>
    public async Task WaitForTargetsAsync(string[] jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
        {
            await WaitForAsync($"min(up{{job=\"{job}\"}})", up => up == 1, cancellationToken);
        }
    }

    /// <summary>Waits until Prometheus has scraped the job once more.</summary>
    public async Task WaitForScrapeAsync(string job, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        await WaitForAsync($"min(timestamp(up{{job=\"{job}\"}}))", scraped => scraped > now, cancellationToken);
    }

    /// <summary>The health of every recording and alert rule, with its name.</summary>
    public async Task<IReadOnlyList<(string Name, string Health)>> RuleHealthAsync(CancellationToken cancellationToken)
    {
        var data = await GetAsync("/api/v1/rules", cancellationToken);
        return
        [
            .. data.GetProperty("groups").EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray())
                .Select(rule => (rule.GetProperty("name").GetString()!, rule.GetProperty("health").GetString()!)),
        ];
    }

    public void Dispose() => http.Dispose();

    /// <summary>Prometheus has its own words for what is no number.</summary>
    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        response.IsSuccessStatusCode.ShouldBeTrue($"Prometheus answered {(int)response.StatusCode} to {path}: {body}");
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("data").Clone();
    }
}
