using System.Globalization;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Processes;
using OrderFlow.Benchmarks.Measuring.Tables;

namespace OrderFlow.Benchmarks.Measuring.Samples;

/// <summary>Adds what was measured of one system in one round to the table.</summary>
public sealed class SampleRows(Measurements measurements, string system, int round)
{
    private const double OrdersOfCost = 10_000;
    private const string Maximum = "maximum";

    /// <summary>The orders per second of this round's closed loop, if it was measured.</summary>
    public double? OrdersPerSecond => measurements.Find($"{Maximum}: orders/s", system, round);

    public static string At(int rate) => string.Create(CultureInfo.InvariantCulture, $"{rate}/s");

    public void AddMaximum(Sample before, Sample after, LatencySummary endToEnd)
    {
        Add($"{Maximum}: orders/s", (after.Orders - before.Orders) / after.SecondsSince(before));
        AddLatencies(Maximum, "end to end", endToEnd);
        AddCosts(Maximum, before, after);
    }

    /// <summary>Adds what the services allocated at the maximum: the Gateway's per order, the others' per handled event.</summary>
    /// <param name="bytesPerSecond">By process.</param>
    /// <param name="handledEvents">Events per order.</param>
    public void AddAllocations(IReadOnlyDictionary<MeasuredProcess, double> bytesPerSecond, int handledEvents)
    {
        if (OrdersPerSecond is not > 0 || bytesPerSecond.Count == 0)
        {
            return;
        }

        var gateway = bytesPerSecond.Where(process => process.Key.Name == "gateway").Sum(process => process.Value);
        Add($"{Maximum}: bytes allocated per order, gateway", gateway / OrdersPerSecond.Value);
        Add($"{Maximum}: bytes allocated per handled event, services",
            (bytesPerSecond.Values.Sum() - gateway) / OrdersPerSecond.Value / handledEvents);
    }

    public void AddRate(int rate, Sample before, Sample after, LatencySummary endToEnd, LatencySummary answers)
    {
        AddLatencies(At(rate), "end to end", endToEnd);
        AddLatencies(At(rate), "POST to 202", answers);
        AddCosts(At(rate), before, after);
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

    private void AddCosts(string phase, Sample before, Sample after)
    {
        var orders = after.Orders - before.Orders;
        if (orders == 0)
        {
            // What they cost cannot be said.
            return;
        }

        var seconds = after.Usage.SecondsSince(before.Usage);
        foreach (var group in ProcessGroups.All.Where(seconds.ContainsKey))
        {
            Add($"{phase}: CPU s per 10,000 orders, {group}", seconds[group] / orders * OrdersOfCost);
        }

        Add($"{phase}: CPU s per 10,000 orders, all but load",
            seconds.Where(group => group.Key != ProcessGroups.Load).Sum(group => group.Value) / orders * OrdersOfCost);
        if (before.Server is { } from && after.Server is { } to)
        {
            Add($"{phase}: commits per order", (double)(to.Commits - from.Commits) / orders);
            Add($"{phase}: transactions per order", (double)(to.Transactions - from.Transactions) / orders);
            Add($"{phase}: WAL bytes per order", (double)(to.WalBytes - from.WalBytes) / orders);
            Add($"{phase}: WAL fsyncs per order", (double)(to.WalSyncs - from.WalSyncs) / orders);
        }
    }

    private void Add(string row, double value) => measurements.Add(row, system, round, value);
}
