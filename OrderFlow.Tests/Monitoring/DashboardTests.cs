using System.Text.Json;
using System.Text.RegularExpressions;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;
using OrderFlow.Tests.Support.RabbitMQ;
using YamlDotNet.RepresentationModel;

namespace OrderFlow.Tests.Monitoring;

/// <summary>Grafana's dashboards, without Grafana: the queries of every panel are put to the Prometheus of a running system.</summary>
[Collection(JourneyFixture.Collection)]
public sealed partial class DashboardTests(JourneyFixture journey)
{
    private static readonly string Files = Repository.File("monitoring/grafana");

    /// <summary>Of those that Grafana knows.</summary>
    private static readonly string[] Units = ["s", "percentunit", "reqps", "ops", "bytes", "short"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dashboards => [.. Directory.GetFiles(Path.Combine(Files, "dashboards"), "*.json")
        .Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Dashboards))]
    public async Task Every_query_has_data_with_the_labels_of_its_legend(string dashboard)
    {
        // Orders have a value only when their items have prices.
        var order = new { items = new[] { new { id = "item-1", quantity = 1, unitPrice = 9.99 } }, userId = "user-dashboards" };
        var placed = await Orders.PlaceAsync(journey.Host.Gateway, order, Cancellation);
        await journey.Host.Tap.WaitForAsync(placed, ["notification.sent"]);
        await journey.Host.Monitor.GetStringAsync(new Uri("/api/dashboard", UriKind.Relative), Cancellation);

        foreach (var (title, query, legend) in QueriesOf(dashboard))
        {
            IReadOnlyList<JsonElement> series = [];
            await Wait.UntilAsync(
                $"'{title}' has data: {query}",
                async () => (series = await journey.Host.Prometheus.SeriesAsync(query, Cancellation)).Count > 0,
                TimeSpan.FromSeconds(100));
            foreach (var label in Label().Matches(legend).Select(match => match.Groups["name"].Value))
            {
                series.Count(one => one.TryGetProperty(label, out var _)).ShouldBe(
                    series.Count, $"'{title}' of {dashboard} has no label {label}");
            }

            if (series.Count > 1)
            {
                legend.ShouldContain("{{", Case.Sensitive, $"'{title}' of {dashboard} has {series.Count} series and one name");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Every_panel_has_a_title_a_unit_that_fits_and_the_provisioned_source(string dashboard)
    {
        var source = Yaml("provisioning/datasources/orderflow.yml")["datasources"][0]["uid"].ToString();
        var root = Read(dashboard);
        root.GetProperty("uid").GetString().ShouldBe(dashboard);
        foreach (var panel in root.GetProperty("panels").EnumerateArray())
        {
            var (title, unit) = (panel.GetProperty("title").GetString()!, UnitOf(panel));
            title.ShouldNotBeNullOrWhiteSpace();
            unit.ShouldBeOneOf(Units);
            panel.GetProperty("datasource").GetProperty("uid").GetString().ShouldBe(source);
            foreach (var query in panel.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("expr").GetString()!))
            {
                unit.ShouldBeOneOf(UnitsThatFit(query), $"{title}: {query}");
            }
        }

        var places = root.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos"))
            .Select(at => (X: at.GetProperty("x").GetInt32(), Y: at.GetProperty("y").GetInt32())).ToList();
        places.Distinct().Count().ShouldBe(places.Count);
    }

    [Fact]
    public void Dashboards_are_found_where_the_container_has_them() =>
        Yaml("provisioning/dashboards/orderflow.yml")["providers"][0]["options"]["path"].ToString().ShouldBe("/etc/grafana/dashboards");

    /// <summary>By the base unit that the metric's name ends with, as Prometheus wants it.</summary>
    private static string[] UnitsThatFit(string query) =>
        Share().IsMatch(query) ? ["percentunit"]
        : query.Contains("histogram_quantile", StringComparison.Ordinal) || Latency().IsMatch(query) ? ["s"]
        : query.Contains("_seconds_sum", StringComparison.Ordinal) ? ["s"]
        : query.Contains("_bytes", StringComparison.Ordinal) ? ["bytes"]
        : query.Contains("rate5m", StringComparison.Ordinal) || query.Contains("orders_", StringComparison.Ordinal) ? ["reqps", "short"]
        : query.Contains("rate(events", StringComparison.Ordinal) ? ["ops"]
        : ["short", "reqps"];

    private static IEnumerable<(string Title, string Query, string Legend)> QueriesOf(string dashboard) =>
        from panel in Read(dashboard).GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select (panel.GetProperty("title").GetString()!,
            target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "1m", StringComparison.Ordinal),
            target.GetProperty("legendFormat").GetString()!);

    private static string UnitOf(JsonElement panel) =>
        panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!;

    private static JsonElement Read(string dashboard) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Files, "dashboards", $"{dashboard}.json"))).RootElement;

    private static YamlNode Yaml(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Files, file))));
        return stream.Documents[0].RootNode;
    }

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Label();

    [GeneratedRegex("[:_](ratio|share)|_gc_pause_time", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Share();

    [GeneratedRegex(@"latency_seconds:p\d\d|age_seconds", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Latency();
}
