namespace OrderFlow.Cli.Load;

/// <summary>When each order is due: evenly spaced, decided before the run, whatever the answers do.</summary>
/// <param name="rate">Orders per second.</param>
/// <param name="duration">How long orders arrive.</param>
internal sealed class ArrivalSchedule(double rate, TimeSpan duration)
{
    /// <summary>How many orders arrive in all.</summary>
    public long Total { get; } = (long)Math.Floor((rate * duration.TotalSeconds) + 1e-9);

    /// <summary>When the order is due, from the start of the run.</summary>
    public TimeSpan DueAt(long number) => TimeSpan.FromTicks((long)(number / rate * TimeSpan.TicksPerSecond));

    /// <summary>How many orders are due by then.</summary>
    public long DueBy(TimeSpan elapsed) =>
        elapsed < TimeSpan.Zero ? 0 : Math.Min(Total, (long)Math.Floor((elapsed.TotalSeconds * rate) + 1e-9) + 1);
}
