using System.Globalization;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Processes;
using OrderFlow.Benchmarks.Measuring.Tables;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>Adds what was measured of one implementation in one round to the table.</summary>
internal sealed class Rows(Measurements measurements, string implementation, int round)
{
    private const double OrdersOfCost = 10_000;
    private const string Maximum = "maximum";

    /// <summary>The orders per second of this round's closed loop, if it was measured.</summary>
    public double? OrdersPerSecond => measurements.Find($"{Maximum}: orders/s", implementation, round);

    public static string At(int rate) => string.Create(CultureInfo.InvariantCulture, $"{rate}/s");

    public void AddMaximum(Sample before, Sample after, LatencySummary endToEnd)
    {
        Add($"{Maximum}: orders/s", (after.Orders - before.Orders) / after.SecondsSince(before));
        AddLatencies(Maximum, "end to end", endToEnd);
        AddCosts(Maximum, before, after, after.Orders - before.Orders);
    }

    public void AddRate(int rate, Sample before, Sample after, LatencySummary endToEnd, LatencySummary answers)
    {
        AddLatencies(At(rate), "end to end", endToEnd);
        AddLatencies(At(rate), "POST to 202", answers);
        AddCosts(At(rate), before, after, after.Orders - before.Orders);
    }

    public void AddMemory(IEnumerable<MeasuredProcess> processes)
    {
        // The server's sessions share most of their memory, and the node's helpers have next to none.
        foreach (var process in processes.Where(process =>
            process.Group is not (ProcessGroups.Load or ProcessGroups.Postgres or ProcessGroups.Broker) || process.Name == "broker"))
        {
            if (ProcessUsage.PeakMiB(process.Id) is { } peak)
            {
                Add($"peak RSS MiB: {process.Name}", peak);
            }
        }
    }

    private void AddLatencies(string phase, string what, LatencySummary latencies)
    {
        Add($"{phase}: {what} P50 ms", latencies.P50);
        Add($"{phase}: {what} P99 ms", latencies.P99);
    }

    private void AddCosts(string phase, Sample before, Sample after, long orders)
    {
        var seconds = after.Usage.SecondsSince(before.Usage);
        foreach (var group in ProcessGroups.All.Where(seconds.ContainsKey))
        {
            Add($"{phase}: CPU s per 10,000 orders, {group}", seconds[group] / orders * OrdersOfCost);
        }

        Add($"{phase}: CPU s per 10,000 orders, all but load",
            seconds.Where(group => group.Key != ProcessGroups.Load).Sum(group => group.Value) / orders * OrdersOfCost);
        Add($"{phase}: commits per order", PerOrder(after.Server.Commits - before.Server.Commits));
        Add($"{phase}: transactions per order",
            PerOrder(after.Server.Transactions - before.Server.Transactions - (after.CountQueries - before.CountQueries)));
        Add($"{phase}: WAL bytes per order", PerOrder(after.Server.WalBytes - before.Server.WalBytes));
        Add($"{phase}: WAL fsyncs per order", PerOrder(after.Server.WalSyncs - before.Server.WalSyncs));

        double PerOrder(long count) => (double)count / orders;
    }

    private void Add(string row, double value) => measurements.Add(row, implementation, round, value);
}
