namespace OrderFlow.Cli.CommandLine;

/// <summary>Exit codes of the program. What 2 and 3 mean depends on the command, whose help lists them.</summary>
internal static class ExitCodes
{
    /// <summary>The command did what it was asked to do and found nothing wrong.</summary>
    public const int Success = 0;

    /// <summary>Wrong usage, or nothing could be done or tested: no system, no broker, no queue, no accepted order.</summary>
    public const int Failed = 1;

    /// <summary><c>load</c>: at least one accepted order did not arrive.</summary>
    public const int OrdersLost = 2;

    /// <summary><c>chaos</c>: the customers' ledger and the system disagree.</summary>
    public const int Disagreement = 2;

    /// <summary><c>dead-letters</c>: nothing was selected, so nothing was replayed or discarded.</summary>
    public const int NothingSelected = 2;

    /// <summary>
    /// <c>chaos outage</c>: everything agrees, but orders were slower without the Monitor, or with it back, than the run's own noise
    /// explains.
    /// </summary>
    public const int Slower = 3;

    /// <summary><c>dead-letters replay --ramp</c>: the replay stopped, because events failed again or had no outcome in time.</summary>
    public const int ReplayStopped = 3;

    /// <summary>Ended by a signal before the work was done.</summary>
    public const int Interrupted = 130;
}
