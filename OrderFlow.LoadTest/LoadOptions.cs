namespace OrderFlow.LoadTest;

/// <summary>What one run does.</summary>
internal sealed record LoadOptions
{
    /// <summary>Orders per second.</summary>
    public double Rate { get; init; } = 200;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing may arrive before the wait for accepted orders is given up.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most HTTP connections to the Gateway.</summary>
    public int Connections { get; init; } = 1_000;

    /// <summary>Most orders that wait for their answer; what is due beyond is not sent, and reported.</summary>
    public int MaxInFlight { get; init; } = 20_000;

    /// <summary>What the orders' contents are drawn from.</summary>
    public int Seed { get; init; } = 1;

    public bool Json { get; init; }
}
