using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Latency;

/// <summary>What the ledgers of a window say.</summary>
internal sealed record StageReport(StageBreakdown Breakdown, BottleneckView Bottleneck)
{
    public static StageReport Of(LedgerSample sample, StageOwners owners, LatencyWindow window, DateTimeOffset now)
    {
        var table = new LedgerTable(sample.Ledgers);
        var minutes = (int)window.Length.TotalMinutes;
        var stages = Figures(table, owners);
        var any = sample.Ledgers.Count > 0;
        var breakdown = new StageBreakdown(
            now, minutes, window.Step.TotalSeconds, sample.Flows, sample.Ledgers.Count,
            any ? table.Totals.Average() : null, any ? LedgerTable.Percentile(table.Totals, 0.5) : null,
            any ? LedgerTable.Percentile(table.Totals, 0.99) : null,
            stages, Slots(sample.Ledgers, window, now));
        var services = stages.GroupBy(stage => stage.Service, StringComparer.Ordinal)
            .Select(service => new ServiceTime(service.Key, service.Sum(stage => stage.MeanMicros), service.Sum(stage => stage.Share)))
            .OrderByDescending(service => service.MeanMicros);
        return new StageReport(breakdown, new BottleneckView(
            now, minutes, sample.Flows, sample.Ledgers.Count, StageText.Bottleneck(breakdown, owners), stages.FirstOrDefault(),
            [.. services], SlowFlows.Compare(table, owners)));
    }

    private static List<StageFigures> Figures(LedgerTable table, StageOwners owners)
    {
        var all = table.Totals.Sum();
        return [.. table.Micros
            .Select(stage => new StageFigures(
                stage.Key.Hop, stage.Key.Stage, owners.Of(stage.Key.Hop, stage.Key.Stage), owners.HandlerOf(stage.Key.Hop),
                stage.Value.Count(micros => micros != 0), stage.Value.Average(),
                LedgerTable.Percentile(stage.Value, 0.5), LedgerTable.Percentile(stage.Value, 0.99),
                all > 0 ? (double)stage.Value.Sum() / all : 0))
            .OrderByDescending(stage => stage.MeanMicros).ThenBy(stage => stage.Hop, StringComparer.Ordinal).ThenBy(
                stage => stage.Stage, StringComparer.Ordinal)];
    }

    private static List<StageSlot> Slots(IReadOnlyList<SampledFlow> flows, LatencyWindow window, DateTimeOffset now)
    {
        var bySlot = flows.ToLookup(flow => window.SlotOf(flow.EndedAt));
        var slots = new List<StageSlot>();
        for (var at = window.SlotOf(now - window.Length) + window.Step; at <= now; at += window.Step)
        {
            var ended = bySlot[at].ToList();
            slots.Add(new StageSlot(at, ended.Count, ended.Count == 0 ? null : Means(ended)));
        }

        return slots;
    }

    private static Dictionary<string, double> Means(List<SampledFlow> flows)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var entry in flows.SelectMany(flow => flow.Entries))
        {
            // A later version may know stages that have no color here.
            var kind = StageNames.All.Contains(entry.Stage, StringComparer.Ordinal) ? entry.Stage : StageNames.Other;
            sums[kind] = sums.GetValueOrDefault(kind) + (double)entry.Micros / flows.Count;
        }

        return sums;
    }
}
