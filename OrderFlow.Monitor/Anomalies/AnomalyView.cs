namespace OrderFlow.Monitor.Anomalies;

/// <summary>What the detectors say.</summary>
/// <param name="At">When they looked last; <see langword="null"/> when they never did.</param>
/// <param name="Series">Each series that could be judged, the farthest first.</param>
/// <param name="Problem">Why it is not all.</param>
internal sealed record AnomalyList(DateTimeOffset? At, IReadOnlyList<WatchedSeries> Series, string? Problem);

/// <summary>A series, and what a detector says of it.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Title">What it looks at.</param>
/// <param name="Kind">How: <c>statistical</c>, <c>threshold</c> or <c>trend</c>.</param>
/// <param name="Labels">Which of its series.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="Anomalous">Whether it is anomalous now.</param>
/// <param name="Since">Since when it is; <see langword="null"/> when it is not.</param>
/// <param name="Score">How far it is: 1 is the limit.</param>
/// <param name="Value">The latest value.</param>
/// <param name="Expected">What is usual, or the bound.</param>
/// <param name="Values">The last values, the latest last.</param>
public sealed record WatchedSeries(
    string Detector, string Title, string Kind, string Labels, string Unit, bool Anomalous, DateTimeOffset? Since, double Score,
    double Value, double Expected, IReadOnlyList<WatchedValue> Values);

/// <summary>A value at a time.</summary>
public sealed record WatchedValue(DateTimeOffset At, double Value);
