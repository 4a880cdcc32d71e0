namespace OrderFlow.Cli.Load;

/// <summary>What one run does.</summary>
internal sealed record LoadOptions
{
    /// <summary>Orders per second.</summary>
    public required double Rate { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>How long nothing may arrive before the wait for accepted orders is given up.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>Most HTTP connections to the Gateway.</summary>
    public required int Connections { get; init; }

    /// <summary>Most orders that wait for their answer; what is due beyond is not sent, and reported.</summary>
    public required int MaxInFlight { get; init; }

    /// <summary>What the orders' contents are drawn from.</summary>
    public required int Seed { get; init; }

    public bool Json { get; init; }
}
