using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Anomalies;

/// <summary>Asks Prometheus for the series of a detector: the window, and the same time of day of the days before.</summary>
internal sealed class SeriesReader(IHttpClientFactory clients, IOptions<MonitorOptions> options)
{
    public const string ClientName = "series";

    /// <summary>How much before and after the time of day counts as that time.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(30);

    /// <summary>By their labels.</summary>
    /// <exception cref="HttpRequestException">Prometheus does not answer, or not this question.</exception>
    /// <exception cref="JsonException">It answers something else.</exception>
    public async Task<IReadOnlyList<(string Labels, SeriesHistory History)>> ReadAsync(
        DetectorOptions detector, DateTimeOffset now, TimeSpan period, CancellationToken cancellationToken)
    {
        var recent = await RangeAsync(detector.Query, now - detector.Window, now, period, cancellationToken);
        var days = new List<IReadOnlyDictionary<string, IReadOnlyList<Sample>>>();
        var (before, after) = detector.Kind == DetectorKind.Trend ? (detector.Window, TimeSpan.Zero) : (Around, Around);
        var seasons = detector.Kind == DetectorKind.Threshold ? 0 : detector.SeasonDays;
        for (var day = 1; day <= seasons; day++)
        {
            var then = now - TimeSpan.FromDays(day);
            days.Add(await RangeAsync(detector.Query, then - before, then + after, period, cancellationToken));
        }

        return
        [
            .. recent.Select(series => (
                series.Key, new SeriesHistory(series.Value, [.. days.Select(day => day.GetValueOrDefault(series.Key) ?? [])]))),
        ];
    }

    private async Task<IReadOnlyDictionary<string, IReadOnlyList<Sample>>> RangeAsync(
        string query, DateTimeOffset from, DateTimeOffset until, TimeSpan period, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        using var question = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["query"] = query,
            ["start"] = Seconds(from),
            ["end"] = Seconds(until),
            ["step"] = period.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        });
        using var answer = await client.PostAsync(
            new Uri($"{options.Value.PrometheusUrl!.TrimEnd('/')}/api/v1/query_range"), question, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            series => Labels(series.GetProperty("metric")),
            series => (IReadOnlyList<Sample>)
                [.. series.GetProperty("values").EnumerateArray().Select(pair => new Sample(
                    DateTimeOffset.FromUnixTimeMilliseconds((long)(pair[0].GetDouble() * 1000)),
                    double.Parse(pair[1].GetString()!, CultureInfo.InvariantCulture)))],
            StringComparer.Ordinal);
    }

    private static string Seconds(DateTimeOffset time) =>
        (time.ToUnixTimeMilliseconds() / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);

    private static string Labels(JsonElement metric) => string.Join(", ", metric.EnumerateObject()
        .Where(label => label.Name != "__name__")
        .OrderBy(label => label.Name, StringComparer.Ordinal)
        .Select(label => $"{label.Name}={label.Value.GetString()}"));
}
