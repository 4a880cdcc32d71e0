namespace OrderFlow.Monitor.FindBottleneck;

/// <summary>Slow against normal: the slowest 5 % of the flows beside the middle fifth.</summary>
internal static class SlowFlows
{
    /// <summary>Of fewer, not one is among the slowest 5 %.</summary>
    public const int Fewest = 20;

    private const double SlowShare = 0.05;
    private const double NormalFrom = 0.4;
    private const double NormalUntil = 0.6;

    /// <returns><see langword="null"/> when there are too few.</returns>
    public static SlowAgainstNormal? Compare(LedgerTable table, StageOwners owners)
    {
        var count = table.Totals.Length;
        if (count < Fewest)
        {
            return null;
        }

        var byTotal = Enumerable.Range(0, count).OrderBy(index => table.Totals[index]).ToArray();
        var slow = byTotal[^(int)(count * SlowShare)..];
        var normal = byTotal[(int)(count * NormalFrom)..(int)Math.Ceiling(count * NormalUntil)];
        var (slowMean, normalMean) = (Mean(table.Totals, slow), Mean(table.Totals, normal));
        var stages = table.Micros.Select(stage =>
        {
            var (slowly, normally) = (Mean(stage.Value, slow), Mean(stage.Value, normal));
            return new StageDifference(stage.Key.Hop, stage.Key.Stage, owners.Of(stage.Key.Hop, stage.Key.Stage), slowly, normally, slowly - normally);
        }).OrderByDescending(stage => stage.MoreMicros).ToList();
        return new SlowAgainstNormal(
            Words.Slow(slowMean, normalMean, stages[0], owners), slow.Length, slowMean, normal.Length, normalMean, stages);
    }

    private static double Mean(long[] values, int[] indexes) => indexes.Average(index => values[index]);
}
