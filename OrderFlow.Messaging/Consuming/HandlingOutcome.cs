using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Consuming;

/// <summary>How the attempts of one delivery ended.</summary>
internal abstract record HandlingOutcome(int Attempt)
{
    public sealed record Succeeded(int Attempt) : HandlingOutcome(Attempt);

    /// <summary>The effect was there already: an earlier delivery of the event is committed.</summary>
    public sealed record Duplicate(int Attempt) : HandlingOutcome(Attempt);

    /// <summary>
    /// Every attempt failed, the last with <paramref name="Exception"/>; if that is <paramref name="Permanent"/>, no later one can help.
    /// </summary>
    public sealed record Failed(int Attempt, Exception Exception, OpenLedger Ledger, bool Permanent = false) : HandlingOutcome(Attempt);

    /// <summary>The consumer stops before the event is done; that says nothing about the event.</summary>
    public sealed record Interrupted(int Attempt) : HandlingOutcome(Attempt);
}
