namespace OrderFlow.Cli.Reporting;

/// <summary>
/// The latencies of one run before, during and after the outage. The P99 of equal slices of the time before say how much it wavers by
/// itself: what is not above the highest of them, or not 25 % above the whole of that time, is noise.
/// </summary>
internal sealed record LatencyComparison
{
    /// <summary>Slices of the time before.</summary>
    public const int Slices = 6;

    private const double Tolerance = 1.25;

    /// <summary>Below this, the P99 of a slice is just its slowest order.</summary>
    private const long EnoughPerSlice = 100;

    public required LatencySummary Before { get; init; }

    public required LatencySummary Away { get; init; }

    /// <summary>From when the Monitor's process was back, catching up included.</summary>
    public required LatencySummary After { get; init; }

    /// <summary>The part of it in which the Monitor caught up.</summary>
    public required LatencySummary CatchingUp { get; init; }

    /// <summary>P99 of each slice of the time before, in milliseconds.</summary>
    public required IReadOnlyList<double?> SlicesP99Ms { get; init; }

    /// <summary>What P99 may be without being slower than before.</summary>
    public double? LimitMs => Before.P99Ms is { } before ? Math.Max(before * Tolerance, SlicesP99Ms.Max() ?? 0) : null;

    /// <summary>
    /// Whether orders were as fast without the Monitor, and with it back; <see langword="null"/> when there were too few to say.
    /// </summary>
    public bool? IsWithinNoise => Before.Count < Slices * EnoughPerSlice || Away.Count < EnoughPerSlice || After.Count < EnoughPerSlice
        ? null
        : Away.P99Ms <= LimitMs && After.P99Ms <= LimitMs;
}
