namespace OrderFlow.Monitor.Latency;

/// <summary>A time to look back, cut into slots.</summary>
internal sealed record LatencyWindow(string Name, TimeSpan Length, TimeSpan Step)
{
    private const int RefreshesPerStep = 5;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<LatencyWindow> All { get; } =
    [
        new("5m", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5)),
        new("15m", TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(15)),
        new("1h", TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)),
        new("6h", TimeSpan.FromHours(6), TimeSpan.FromMinutes(5)),
    ];

    /// <summary>The longer a slot, the more flows are in it, and the less often it is counted.</summary>
    public TimeSpan Freshness => Step / RefreshesPerStep is var share && share > Shortest ? share : Shortest;

    public static LatencyWindow? Find(string? name) => name is null or "" ? All[1] : All.FirstOrDefault(window => window.Name == name);

    /// <summary>Where the slot of a time begins.</summary>
    public DateTimeOffset SlotOf(DateTimeOffset at) =>
        new(at.UtcTicks - (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) % Step.Ticks, TimeSpan.Zero);
}
