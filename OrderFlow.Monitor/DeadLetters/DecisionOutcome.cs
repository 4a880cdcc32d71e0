using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>A decision about dead letters, and what came of it so far.</summary>
/// <param name="Run">Its id; replayed events carry it as <c>replay-run</c>.</param>
/// <param name="At">When it was requested, or, for one from the command line, the time of its first life-cycle event.</param>
/// <param name="Action"><c>replay</c>, <c>ramp</c> (a staged replay) or <c>discard</c>.</param>
/// <param name="Service">The service whose dead letters were meant.</param>
/// <param name="Selection">Which of them; absent for one from the command line.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who decided it, in their own words.</param>
/// <param name="Holder">How the token was sent: <c>bearer</c> or <c>session</c>; absent for one from the command line.</param>
/// <param name="Peer">The address it was requested from.</param>
/// <param name="EndedAt">When it ended, or it was found that its Monitor died meanwhile; absent while it runs.</param>
/// <param name="Count">How many messages it sent back or discarded.</param>
/// <param name="Problem">Why it was interrupted.</param>
/// <param name="Dispatched">Events that were sent back, or discarded, as their life-cycle events say. A message that is no event has
/// none.</param>
/// <param name="Handled">Of those sent back, handled since.</param>
/// <param name="FailedAgain">Of those sent back, dead letters again.</param>
public sealed record DecisionOutcome(
    Guid Run,
    DateTimeOffset At,
    string Action,
    string Service,
    string? Selection,
    string? Reason,
    string? By,
    string? Holder,
    string? Peer,
    DateTimeOffset? EndedAt,
    int? Count,
    string? Problem,
    long Dispatched,
    long Handled,
    long FailedAgain)
{
    /// <summary>How far a staged replay came, step by step.</summary>
    public StagedReplayRun? Ramp { get; init; }

    /// <summary>Who asked for a staged replay to be stopped: how the token was sent, and the address.</summary>
    public string? StoppedBy { get; init; }

    /// <summary>
    /// <c>running</c>, <c>done</c> or <c>stopped</c>; absent for one from the command line, of which only the life-cycle events are known.
    /// </summary>
    public string? State => this switch
    {
        { Holder: null } => null,
        { EndedAt: null } => "running",
        { Problem: null } => "done",
        _ => "stopped",
    };

    /// <summary>Of those sent back, in flight or waiting for a retry.</summary>
    public long UnderWay => Action == "discard" ? 0 : Math.Max(0, Dispatched - Handled - FailedAgain);
}

/// <summary>Decisions, the latest first.</summary>
internal sealed record DecisionList(IReadOnlyList<DecisionOutcome> Decisions);
