using System.Globalization;
using System.Text.RegularExpressions;
using OrderFlow.AppHost.Objectives;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitoring;

public sealed partial class ObjectiveTests
{
    private static readonly string Directory = Repository.File("monitoring/slo");
    private static readonly string Text = File.ReadAllText(Path.Combine(Directory, "order-flow.yml"));

    [Fact]
    public void The_rules_are_those_of_the_objectives() =>
        File.ReadAllText(Repository.File("monitoring/rules/slo.yml")).ShouldBe(
            ObjectiveRules.Write(ObjectiveFile.ReadAll(Directory)), "run: orderflow slo");

    [Fact]
    public void A_threshold_is_a_bound_of_the_histogram()
    {
        List<double> thresholds =
            [.. Thresholds().Matches(Text).Select(match => double.Parse(match.Groups["le"].Value, CultureInfo.InvariantCulture))];

        thresholds.ShouldNotBeEmpty();
        thresholds.ShouldBeSubsetOf(EndToEndLatency.Bounds);
    }

    [Theory]
    [InlineData("apiVersion: openslo/v1", "apiVersion: openslo/v2", 6, "apiVersion must be openslo/v1, not openslo/v2.")]
    [InlineData("kind: SLO", "kind: Service", 7, "kind must be SLO, not Service.")]
    [InlineData("name: order-latency", "name: Order latency", 9, "metadata.name must be lower-case letters, digits and hyphens.")]
    [InlineData("least-bad-events: \"5\"", "least-bad-events: few", 12,
        "metadata.annotations.orderflow/least-bad-events must be a whole number from 0.")]
    [InlineData("target: 0.99", "target: 99", 40, "spec.objectives.target must be a share between 0 and 1, such as 0.99.")]
    [InlineData("target: 0.99", "target: 0,99", 40, "spec.objectives.target must be a share between 0 and 1, such as 0.99.")]
    [InlineData("target: 0.99", "goal: 0.99", 40, "spec.objectives has the key 'goal'; known are displayName, target.")]
    [InlineData("duration: 14d", "duration: 2 weeks", 35, "spec.timeWindow.duration must be a number of days, such as 14d.")]
    [InlineData("isRolling: true", "isRolling: false", 36, "spec.timeWindow.isRolling must be true, not false.")]
    [InlineData("budgetingMethod: Occurrences", "budgetingMethod: Timeslices", 37,
        "spec.budgetingMethod must be Occurrences, not Timeslices.")]
    [InlineData("le=~\"1|1.0\"}", "le=~\"1|1.0\"}[5m]", 28,
        "spec.indicator.spec.ratioMetric.good.metricSource.spec.query must be a counter with its labels, without a range: "
        + "metric{label=\"value\"}.")]
    [InlineData("  service: OrderCreationFlow", "", 15, "spec has no key 'service'.")]
    [InlineData("    - displayName: 99 %\n      target: 0.99", "    displayName: 99 %", 39, "spec.objectives is not a list of one.")]
    [InlineData("kind: SLO", "kind: [SLO", 76, "It is no YAML")]
    public void An_objective_that_is_wrong_is_refused_with_file_line_and_problem(string right, string wrong, int line, string problem)
    {
        var at = Text.IndexOf(right, StringComparison.Ordinal);
        var text = Text[..at] + wrong + Text[(at + right.Length)..];

        Should.Throw<ObjectiveException>(() => ObjectiveFile.Read("slo/order-flow.yml", text)).Message.ShouldStartWith(
            $"slo/order-flow.yml:{line}: {problem}");
    }

    [Fact]
    public void Two_objectives_of_one_name_are_refused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.In("a.yml"), Text);
        File.WriteAllText(directory.In("b.yml"), Text);

        Should.Throw<ObjectiveException>(() => ObjectiveFile.ReadAll(directory.FullPath)).Message.ShouldEndWith(
            "There are two objectives with the name order-latency.");
    }

    [GeneratedRegex("le=~\"(?<le>[0-9.]+)\\|", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Thresholds();
}
