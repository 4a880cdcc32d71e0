namespace OrderFlow.Cli.Faults;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL: a process is gone between two instructions.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while: it hangs, with its connections open.</summary>
    Freeze,

    /// <summary>SIGTERM: it is asked to end, as by a deployment, and starts anew.</summary>
    Restart,

    /// <summary>SIGSTOP to the broker for so long that others give their connections up.</summary>
    LongFreeze,

    /// <summary>
    /// A policy lets the broker take out of its queue what was delivered a few times, while a consumer gives back what it takes; it is
    /// removed again.
    /// </summary>
    DeliveryLimit,

    /// <summary>Somebody deletes a service's queue.</summary>
    QueueDeletion,

    /// <summary>The broker is killed, and starts again without its data.</summary>
    Wipe,
}
