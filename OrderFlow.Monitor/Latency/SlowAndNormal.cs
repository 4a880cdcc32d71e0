namespace OrderFlow.Monitor.Latency;

/// <summary>Which of many are slow and which are normal: the slowest 5 % and the middle fifth, wherever the two are compared.</summary>
/// <param name="Slow">Indexes of the slow ones, the slowest last.</param>
/// <param name="Normal">Indexes of the normal ones.</param>
internal readonly record struct SlowAndNormal(int[] Slow, int[] Normal)
{
    /// <summary>Of fewer, not one is among the slowest 5 %.</summary>
    public const int Fewest = 20;

    private const double SlowShare = 0.05;
    private const double NormalFrom = 0.4;
    private const double NormalUntil = 0.6;

    /// <summary>Sums of weights are not exact.</summary>
    private const double Rounding = 1e-6;

    /// <param name="totals">What each took.</param>
    /// <param name="slowFrom">What a slow one takes at least, instead of the slowest 5 %; then the normal ones are the middle fifth of the
    /// others.</param>
    /// <returns><see langword="null"/> when there are too few.</returns>
    public static SlowAndNormal? Of(IReadOnlyList<long> totals, long? slowFrom = null) =>
        Of([.. totals.Select(total => (total, 1.0))], slowFrom);

    /// <summary>The same of a sample.</summary>
    /// <param name="totals">What each took, and for how many it stands: the shares are of all those.</param>
    /// <param name="slowFrom">See <see cref="Of(IReadOnlyList{long}, long?)"/>.</param>
    /// <returns><see langword="null"/> when there are too few.</returns>
    public static SlowAndNormal? Of(IReadOnlyList<(long Total, double Weight)> totals, long? slowFrom)
    {
        if (totals.Count < Fewest)
        {
            return null;
        }

        var byTotal = Enumerable.Range(0, totals.Count).OrderBy(index => totals[index].Total).ToArray();
        var slow = byTotal[^(slowFrom is { } least ? totals.Count(one => one.Total >= least) : Slowest(byTotal, totals))..];
        var others = slowFrom is null ? byTotal : byTotal[..^slow.Length];
        var normal = Middle(others, totals);
        return slow.Length == 0 || normal.Length == 0 ? null : new SlowAndNormal(slow, normal);
    }

    /// <summary>How many of the last ones are the slow share of all.</summary>
    private static int Slowest(int[] byTotal, IReadOnlyList<(long Total, double Weight)> totals)
    {
        var (most, together, count) = (totals.Sum(one => one.Weight) * SlowShare, 0.0, 0);
        while (count < byTotal.Length && (together += totals[byTotal[^(count + 1)]].Weight) <= most + Rounding)
        {
            count++;
        }

        return count;
    }

    private static int[] Middle(int[] byTotal, IReadOnlyList<(long Total, double Weight)> totals)
    {
        var whole = byTotal.Sum(index => totals[index].Weight);
        var (normal, before) = (new List<int>(), 0.0);
        foreach (var index in byTotal)
        {
            // Whoever covers a part of the fifth belongs to it.
            var after = before + totals[index].Weight;
            if (after > (whole * NormalFrom) + Rounding && before < (whole * NormalUntil) - Rounding)
            {
                normal.Add(index);
            }

            before = after;
        }

        return [.. normal];
    }
}
