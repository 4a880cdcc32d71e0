using System.Text.Json;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Reporting;

namespace OrderFlow.Tests.Cli.Reporting;

public sealed class LoadSummaryTests
{
    private static readonly LatencySummary None = new(0, null, null, null, null, null);

    [Fact]
    public void When_every_order_arrived_the_exit_code_is_0()
    {
        var summary = Of(accepted: 10);

        summary.Verdict.ShouldBe("every accepted order arrived");
        summary.ExitCode.ShouldBe(ExitCodes.Success);
        LoadSummaryText.Of(summary).ShouldEndWith("every accepted order arrived");
    }

    [Fact]
    public void Lost_orders_are_named_and_the_exit_code_is_2()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var summary = Of(accepted: 10) with { Lost = 3, LostOrders = [first, second] };

        summary.Verdict.ShouldBe($"3 accepted orders did not arrive: {first}, {second}, …");
        summary.ExitCode.ShouldBe(ExitCodes.OrdersLost);
    }

    [Fact]
    public void A_run_without_an_accepted_order_fails()
    {
        Of(accepted: 0).Verdict.ShouldBe("no order was accepted");
        Of(accepted: 0).ExitCode.ShouldBe(ExitCodes.Failed);
    }

    [Fact]
    public void The_text_shows_statuses_and_quantiles()
    {
        var text = LoadSummaryText.Of(Of(accepted: 10) with
        {
            Rejected = new Dictionary<int, long> { [429] = 2, [503] = 40 },
            EndToEnd = new LatencySummary(10, 1.234, 22.2, 333, 4_444, 55_555),
        });

        text.ShouldContain("42 (429: 2, 503: 40)");
        text.ShouldContain("P50 1.23 ms  P95 22.2 ms  P99 333 ms  P99.9 4.44 s  max 55.6 s");
    }

    [Fact]
    public void The_JSON_is_one_document_with_the_verdict()
    {
        using var json = JsonDocument.Parse((Of(accepted: 10) with { Rejected = new Dictionary<int, long> { [503] = 1 } }).ToJson());

        json.RootElement.GetProperty("accepted").GetInt64().ShouldBe(10);
        json.RootElement.GetProperty("rejected").GetProperty("503").GetInt64().ShouldBe(1);
        json.RootElement.GetProperty("endToEnd").GetProperty("p99Ms").ValueKind.ShouldBe(JsonValueKind.Null);
        json.RootElement.GetProperty("verdict").GetString().ShouldBe("every accepted order arrived");
        json.RootElement.GetProperty("exitCode").GetInt32().ShouldBe(0);
    }

    private static LoadSummary Of(long accepted) => new()
    {
        Rate = 200,
        Offered = 10,
        Sent = 10,
        NotSent = 0,
        Accepted = accepted,
        Rejected = new Dictionary<int, long>(),
        FailedConnections = 0,
        UnknownOutcome = 0,
        Http = None,
        EndToEnd = None,
        ThroughputPerSecond = 200,
        Arrived = accepted,
        Lost = 0,
        LostOrders = [],
        Duplicates = 0,
        ArrivedNotAccepted = 0,
        ClockSkewed = 0,
    };
}
