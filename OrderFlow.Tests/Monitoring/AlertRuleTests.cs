using System.Text.RegularExpressions;
using OrderFlow.Tests.Support.RabbitMQ;
using YamlDotNet.RepresentationModel;

namespace OrderFlow.Tests.Monitoring;

/// <summary>What everybody who is called may expect of an alert. That each fires is what promtool tests.</summary>
public sealed partial class AlertRuleTests
{
    private static readonly string[] Files = ["alerts.yml", "slo.yml"];

    public static TheoryData<string, string> Alerts =>
    [
        .. from file in Files
           from name in AlertsOf(file).Select(alert => Text(alert, "alert")).Distinct()
           select new TheoryDataRow<string, string>(file, name),
    ];

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_says_what_is_the_matter_what_to_do_and_what_to_look_at(string file, string name)
    {
        foreach (var alert in AlertsOf(file).Where(one => Text(one, "alert") == name))
        {
            var labels = (YamlMappingNode)alert["labels"];
            Text(labels, "severity").ShouldBeOneOf("critical", "warning");
            Text(labels, "team").ShouldBeOneOf("orders", "platform");
            var annotations = (YamlMappingNode)alert["annotations"];
            Text(annotations, "summary").Length.ShouldBeInRange(10, 120);
            Text(annotations, "description").ShouldEndWith(".");
            Text(annotations, "query").ShouldNotBeEmpty();
            var runbook = Text(annotations, "runbook_url").Split('#');
            AnchorsOf(runbook[0]).ShouldContain(runbook[1]);
        }
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_fires_in_a_test(string file, string name)
    {
        var tests = File.ReadAllText(Repository.File($"monitoring/tests/{Path.GetFileNameWithoutExtension(file)}.test.yml"));
        Regex.Count(
            tests,
            $"""alertname="{name}",alertstate="firing"[^\n]*\n\s+eval_time: \w+\n\s+exp_samples:(?! \[\])""",
            RegexOptions.None,
            TimeSpan.FromSeconds(10)).ShouldBeGreaterThan(0);
    }

    private static IEnumerable<YamlMappingNode> AlertsOf(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.File($"monitoring/rules/{file}"))));
        return from YamlMappingNode @group in (YamlSequenceNode)stream.Documents[0].RootNode["groups"]
               from YamlMappingNode rule in (YamlSequenceNode)@group["rules"]
               where rule.Children.ContainsKey("alert")
               select rule;
    }

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    /// <summary>The headings of a page as links name them.</summary>
    private static IEnumerable<string> AnchorsOf(string page) =>
        from line in File.ReadLines(Repository.File(page))
        where line.StartsWith('#')
        select NoAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex("[^a-z0-9 -]", RegexOptions.NonBacktracking)]
    private static partial Regex NoAnchor();
}
