namespace OrderFlow.Monitor.Latency;

/// <summary>Slow against normal, stage by stage.</summary>
internal static class SlowFlows
{
    /// <returns><see langword="null"/> when there are too few.</returns>
    public static SlowAgainstNormal? Compare(LedgerTable table, StageOwners owners)
    {
        if (SlowAndNormal.Of(table.Totals) is not var (slow, normal))
        {
            return null;
        }

        var (slowMean, normalMean) = (Mean(table.Totals, slow), Mean(table.Totals, normal));
        var stages = table.Micros.Select(stage =>
        {
            var (slowly, normally) = (Mean(stage.Value, slow), Mean(stage.Value, normal));
            return new StageDifference(
                stage.Key.Hop, stage.Key.Stage, owners.Of(stage.Key.Hop, stage.Key.Stage), slowly, normally, slowly - normally);
        }).OrderByDescending(stage => stage.MoreMicros).ToList();
        return new SlowAgainstNormal(
            StageText.Slow(
                "The slowest 5 %",
                slowMean,
                "the median orders",
                normalMean,
                owners.Describe(stages[0].Hop, stages[0].Stage),
                stages[0].MoreMicros),
            slow.Length, slowMean, normal.Length, normalMean, stages);
    }

    private static double Mean(long[] values, int[] indexes) => indexes.Average(index => values[index]);
}
