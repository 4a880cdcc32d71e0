using System.Diagnostics;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Processes;
using OrderFlow.Benchmarks.Measuring.Samples;
using OrderFlow.Benchmarks.Measuring.Tables;

namespace OrderFlow.Tests.Benchmarks;

public sealed class SampleRowsTests
{
    private static readonly MeasuredProcess Gateway = new(1, "gateway", ProcessGroups.Services);
    private static readonly MeasuredProcess Orders = new(2, "order-service", ProcessGroups.Services);
    private static readonly MeasuredProcess Load = new(3, "load", ProcessGroups.Load);

    private readonly Measurements _measurements = new(["bare"]);

    private SampleRows Rows => new(_measurements, "bare", round: 1);

    [Fact]
    public void Costs_are_those_of_the_orders_in_between()
    {
        Rows.AddMaximum(
            At(0, 1000, 1, 10, new(50, 70, 5000, 8)), At(15, 31_000, 4, 13, new(3050, 7570, 65_005_000, 1508)), Latencies(407, 670));

        Text().ShouldBe("""
            maximum: orders/s 2000
            maximum: end to end P50 ms 407
            maximum: end to end P99 ms 670
            maximum: CPU s per 10,000 orders, services 2.00
            maximum: CPU s per 10,000 orders, load 0.50
            maximum: CPU s per 10,000 orders, all but load 2.00
            maximum: commits per order 0.10
            maximum: transactions per order 0.25
            maximum: WAL bytes per order 2167
            maximum: WAL fsyncs per order 0.05
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_rate_has_its_answers_and_without_a_database_no_commits()
    {
        Rows.AddRate(20, At(0, 100, 1, 1, null), At(15, 400, 1.3, 1.6, null), Latencies(13, 39), Latencies(2.5, 18.5));

        Text().ShouldBe("""
            20/s: end to end P50 ms 13.0
            20/s: end to end P99 ms 39.0
            20/s: POST to 202 P50 ms 2.50
            20/s: POST to 202 P99 ms 18.5
            20/s: CPU s per 10,000 orders, services 20.0
            20/s: CPU s per 10,000 orders, load 10.0
            20/s: CPU s per 10,000 orders, all but load 20.0
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Without_an_order_nothing_is_divided_by_their_number()
    {
        Rows.AddMaximum(At(0, 100, 1, 1, new(1, 1, 1, 1)), At(15, 100, 2, 2, new(9, 9, 9, 9)), Latencies(0, 0));

        _measurements.Rows.ShouldBe(["maximum: orders/s", "maximum: end to end P50 ms", "maximum: end to end P99 ms"]);
        Rows.OrdersPerSecond.ShouldBe(0);
    }

    [Fact]
    public void Allocations_are_per_order_at_the_gateway_and_per_handled_event_elsewhere()
    {
        Rows.AddMaximum(At(0, 0, 1, 1, null), At(10, 1000, 1, 1, null), Latencies(1, 1));

        Rows.AddAllocations(new Dictionary<MeasuredProcess, double> { [Gateway] = 200_000, [Orders] = 1_200_000 }, handledEvents: 4);

        _measurements.Find("maximum: bytes allocated per order, gateway", "bare", 1).ShouldBe(2000);
        _measurements.Find("maximum: bytes allocated per handled event, services", "bare", 1).ShouldBe(3000);
    }

    private static LatencySummary Latencies(double p50, double p99) => new(1, p50, p99, p99);

    private static Sample At(int second, long orders, double ofEachService, double ofLoad, ServerCounters? server) => new(
        second * Stopwatch.Frequency, orders,
        new(new Dictionary<MeasuredProcess, double> { [Gateway] = ofEachService, [Orders] = ofEachService, [Load] = ofLoad / 2 }), server);

    private string Text() => string.Join('\n', _measurements.Rows.Select(row => $"{row} {_measurements.Of(row, "bare")}"));
}
