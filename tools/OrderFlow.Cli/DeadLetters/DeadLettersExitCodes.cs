namespace OrderFlow.Cli.DeadLetters;

/// <summary>What the tool tells the shell.</summary>
internal static class DeadLettersExitCodes
{
    public const int Done = 0;

    /// <summary>Wrong usage, or the broker or the queue cannot be reached.</summary>
    public const int Failed = 1;

    /// <summary>Nothing was selected, so nothing was sent back or discarded.</summary>
    public const int NothingSelected = 2;

    /// <summary>A ramp stopped, because events failed again or nothing was heard of them.</summary>
    public const int Stopped = 3;

    /// <summary>Ended by a signal before it was through.</summary>
    public const int Interrupted = 130;
}
