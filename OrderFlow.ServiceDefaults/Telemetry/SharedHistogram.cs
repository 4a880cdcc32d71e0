namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>A histogram that one replica at a time shows for all replicas of its service.</summary>
/// <param name="Zeros">Its series before their first value.</param>
/// <param name="HoldAsync">Keeps its series as they are until the result is disposed of: no scrape may see half of what a replica begins
/// with.</param>
internal sealed record SharedHistogram(ZeroSeries Zeros, Func<CancellationToken, Task<IDisposable>> HoldAsync);
