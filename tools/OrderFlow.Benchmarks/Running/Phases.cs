namespace OrderFlow.Benchmarks.Running;

/// <summary>What is done with each system in a round, and for how long.</summary>
/// <param name="Rates">Orders per second of the open loops; none when the maximum alone is measured.</param>
/// <param name="InFlight">Orders under way in the closed loop.</param>
/// <param name="IsQuick">Short phases: enough to see that everything works, too short for numbers.</param>
internal sealed record Phases(IReadOnlyList<int> Rates, int InFlight, bool IsQuick)
{
    /// <summary>Connections of the closed loop.</summary>
    public const int Connections = 256;

    /// <summary>A rate that is not below this share of the maximum is not tried: it would not be held for long.</summary>
    public const double HeldShareOfMaximum = 0.9;

    /// <summary>Orders a second before the first measurement.</summary>
    public const int FirstRate = 50;

    public TimeSpan FirstOrders { get; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The beginning of the closed loop that is not measured. Full of load, the runtimes compile what is called often for half a minute,
    /// on up to a quarter of the CPU: that is a cost of a start, and the maximum is to be one that can be held.
    /// </summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(IsQuick ? 8 : 30);

    /// <summary>
    /// The beginning lasts until so many orders have come to their end for each that is under way, but no longer than
    /// <see cref="LongestWarmUp"/>: until then what is measured is how the system fills.
    /// </summary>
    public double Passes { get; } = 1.5;

    public TimeSpan LongestWarmUp => TimeSpan.FromSeconds(IsQuick ? 30 : 60);

    /// <summary>The beginning of that, in which ever more orders come under way.</summary>
    public TimeSpan Ramp { get; } = TimeSpan.FromSeconds(3);

    /// <summary>What is measured of the closed loop.</summary>
    public TimeSpan Maximum => TimeSpan.FromSeconds(IsQuick ? 4 : 15);

    /// <summary>How long the closed loop goes on after that, so that its end is not in the measurement.</summary>
    public TimeSpan AfterMaximum { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two measurements: idle sessions of a database server report what they did within a second.</summary>
    public TimeSpan Pause { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one system takes in a round, without its start and its end; roughly.</summary>
    public TimeSpan Estimate => FirstOrders + WarmUp + Maximum + AfterMaximum + (3 * Pause)
        + Rates.Aggregate(TimeSpan.Zero, (sum, rate) => sum + At(rate) + (3 * Pause));

    /// <summary>How long a rate is offered: a slow one longer, for the sake of its percentiles.</summary>
    public TimeSpan At(int rate) => TimeSpan.FromSeconds(IsQuick ? 4 : rate <= 50 ? 15 : 12);
}
