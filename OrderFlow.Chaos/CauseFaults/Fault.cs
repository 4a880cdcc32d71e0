namespace OrderFlow.Chaos.CauseFaults;

/// <summary>What happens to a process.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL: it is gone between two instructions.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while: it hangs, with its connections open.</summary>
    Freeze,

    /// <summary>SIGTERM: it is asked to end, as by a deployment, and starts anew.</summary>
    Restart,
}

/// <summary>One planned fault.</summary>
/// <param name="At">When, from the start of the load.</param>
/// <param name="Kind">What happens.</param>
/// <param name="Resource">To which resource.</param>
/// <param name="Replica">To which process of it, from 0.</param>
/// <param name="Hold">How long a freeze lasts.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, string Resource, int Replica, TimeSpan Hold)
{
    public string Name => Kind switch
    {
        FaultKind.Kill => "SIGKILL",
        FaultKind.Freeze => $"SIGSTOP for {Hold.TotalSeconds:0.0} s",
        _ => "SIGTERM",
    };
}
