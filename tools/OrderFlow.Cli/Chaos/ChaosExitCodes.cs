namespace OrderFlow.Cli.Chaos;

/// <summary>What the tool tells the shell.</summary>
internal static class ChaosExitCodes
{
    /// <summary>Nothing lost, doubled, stuck or unexplained, and the counters agree.</summary>
    public const int EverythingAgrees = 0;

    /// <summary>Wrong usage, or the system did not start.</summary>
    public const int NotTested = 1;

    /// <summary>The ledger and the system disagree.</summary>
    public const int Disagreement = 2;

    /// <summary>Everything agrees, but orders were slower without the Monitor, or with it back, than the run's own noise explains.</summary>
    public const int Slower = 3;
}
