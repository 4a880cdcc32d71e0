namespace OrderFlow.Cli.Faults;

/// <summary>One planned fault.</summary>
/// <param name="At">When, from the start of the load.</param>
/// <param name="Kind">What happens.</param>
/// <param name="Resource">To which resource; of a deleted queue, the service that consumes it.</param>
/// <param name="Replica">To which process of it, from 0.</param>
/// <param name="Hold">How long a freeze lasts, a policy stays, or the service whose queue is deleted stands still, so that the queue stays
/// away.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, string Resource, int Replica, TimeSpan Hold)
{
    public string Name => Kind switch
    {
        FaultKind.Kill => "SIGKILL",
        FaultKind.Freeze or FaultKind.LongFreeze => $"SIGSTOP for {Hold.TotalSeconds:0.0} s",
        FaultKind.Restart => "SIGTERM",
        FaultKind.DeliveryLimit => $"delivery limit of {DeliveryLimit} for {Hold.TotalSeconds:0.0} s",
        FaultKind.QueueDeletion => "queue deleted",
        _ => "data wiped",
    };

    /// <summary>Of a policy: two or three.</summary>
    public int DeliveryLimit => 2 + Replica;
}
