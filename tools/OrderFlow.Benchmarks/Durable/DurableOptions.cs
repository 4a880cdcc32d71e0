namespace OrderFlow.Benchmarks.Durable;

/// <summary>What is compared, and for how long.</summary>
/// <param name="Rounds">How often everything is measured, one after the other.</param>
/// <param name="Implementations">Names of <see cref="Implementations"/>.</param>
/// <param name="Rates">Orders per second of the open loops; none when the maximum alone is measured.</param>
/// <param name="IsQuick">Short phases: enough to see that everything works, too short for numbers.</param>
internal sealed record DurableOptions(int Rounds, IReadOnlyList<string> Implementations, IReadOnlyList<int> Rates, bool IsQuick)
{
    /// <summary>Connections of the closed loop.</summary>
    public const int Connections = 256;

    /// <summary>Orders under way in the closed loop.</summary>
    public const int InFlight = 2000;

    /// <summary>A rate below the maximum by less than this share is not held for long.</summary>
    public const double HeldShareOfMaximum = 0.9;

    /// <summary>Orders a second before the first measurement.</summary>
    public const int FirstRate = 50;

    public TimeSpan FirstOrders { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The beginning of the closed loop that is not measured.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(IsQuick ? 4 : 11);

    /// <summary>What is measured of the closed loop.</summary>
    public TimeSpan Maximum => TimeSpan.FromSeconds(IsQuick ? 4 : 15);

    /// <summary>How long the closed loop goes on after that, so that its end is not in the measurement.</summary>
    public TimeSpan AfterMaximum { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a rate is offered: a slow one longer, for the sake of its percentiles.</summary>
    public TimeSpan At(int rate) => TimeSpan.FromSeconds(IsQuick ? 4 : rate <= 50 ? 15 : 12);

    /// <summary>Pause between two measurements, after which counters of the database are complete.</summary>
    public TimeSpan Pause { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How long all of it takes, roughly.</summary>
    public TimeSpan Estimate => Rounds * Implementations.Aggregate(TimeSpan.Zero, (sum, name) => sum
        + Durable.Implementations.StartAndStop(name) + FirstOrders + WarmUp + Maximum + AfterMaximum + (4 * Pause)
        + Rates.Aggregate(TimeSpan.Zero, (rates, rate) => rates + At(rate) + (2 * Pause)));
}
