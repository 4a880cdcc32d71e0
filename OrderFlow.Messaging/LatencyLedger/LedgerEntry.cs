namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>A part of a flow's time.</summary>
/// <param name="Hop">Wire type of the event that spent it; <see langword="null"/> for what belongs to the flow and to no event of
/// it.</param>
/// <param name="Stage">On what; mostly one of <see cref="StageNames"/>, but a later version may know others.</param>
/// <param name="Micros">How long, in microseconds; negative when the clocks of two machines differ by more than the wait between
/// them.</param>
public readonly record struct LedgerEntry(string? Hop, string Stage, long Micros)
{
    /// <summary>Both names: <c>order.created/broker</c>, or <c>accept</c>.</summary>
    public string Name => Hop is null ? Stage : $"{Hop}/{Stage}";
}
