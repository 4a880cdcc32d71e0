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

    /// <param name="totals">What each took.</param>
    /// <param name="slowFrom">What a slow one takes at least, instead of the slowest 5 %; then the normal ones are the middle fifth of the
    /// others.</param>
    /// <returns><see langword="null"/> when there are too few.</returns>
    public static SlowAndNormal? Of(IReadOnlyList<long> totals, long? slowFrom = null)
    {
        if (totals.Count < Fewest)
        {
            return null;
        }

        var byTotal = Enumerable.Range(0, totals.Count).OrderBy(index => totals[index]).ToArray();
        var slow = byTotal[^(slowFrom is { } least ? totals.Count(total => total >= least) : (int)(totals.Count * SlowShare))..];
        var others = slowFrom is null ? byTotal : byTotal[..^slow.Length];
        var normal = others[(int)(others.Length * NormalFrom)..(int)Math.Ceiling(others.Length * NormalUntil)];
        return slow.Length == 0 || normal.Length == 0 ? null : new SlowAndNormal(slow, normal);
    }
}
