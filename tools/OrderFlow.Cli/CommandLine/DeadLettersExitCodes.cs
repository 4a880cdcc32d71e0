namespace OrderFlow.Cli.CommandLine;

/// <summary>What the tool tells the shell.</summary>
internal static class ExitCodes
{
    /// <summary>Every accepted order arrived.</summary>
    public const int NothingLost = 0;

    /// <summary>Wrong usage, nothing to test was reached, or no order was accepted.</summary>
    public const int NotTested = 1;

    /// <summary>At least one accepted order did not arrive.</summary>
    public const int Lost = 2;
}
