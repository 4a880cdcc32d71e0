using System.Diagnostics;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitoring;

public sealed class RecordingRuleTests
{
    private static readonly string Root = Repository.File("");

    [Theory]
    [InlineData("check", "rules", "monitoring/rules/order-flow.yml")]
    [InlineData("check", "config", "monitoring/prometheus.yml")]
    [InlineData("check", "rules", "monitoring/rules/alerts.yml")]
    [InlineData("check", "rules", "monitoring/rules/slo.yml")]
    [InlineData("test", "rules", "monitoring/tests/order-flow.test.yml")]
    [InlineData("test", "rules", "monitoring/tests/alerts.test.yml")]
    [InlineData("test", "rules", "monitoring/tests/slo.test.yml")]
    public async Task Promtool_accepts_them(params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            WorkingDirectory = Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);

        promtool.ExitCode.ShouldBe(0, await output + await errors);
    }

    [Fact]
    public async Task Every_query_of_the_documentation_is_asked_without_traffic_too()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Root, "docs", "telemetry.md"), TestContext.Current.CancellationToken);
        var tests = await File.ReadAllTextAsync(
            Path.Combine(Root, "monitoring", "tests", "order-flow.test.yml"), TestContext.Current.CancellationToken);
        var queries = page.Split("```promql\n").Skip(1).Select(block => block[..block.IndexOf("\n```", StringComparison.Ordinal)]).ToList();

        queries.Count.ShouldBeGreaterThan(4);
        // Before the first flow, with no series at all, and after the last flow.
        queries.ShouldAllBe(query => tests.Split($"expr: '{query}'").Length > 3);
    }
}
