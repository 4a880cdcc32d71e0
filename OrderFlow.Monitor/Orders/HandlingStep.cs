namespace OrderFlow.Monitor.Orders;

/// <summary>What became of an event at a consumer, when that was more than being handled at once.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">Its wire type.</param>
/// <param name="Service">The consumer.</param>
/// <param name="Kind"><c>retry-queued</c>, <c>dead-lettered</c>, <c>replayed</c>, <c>handled</c> (after a replay) or
/// <c>discarded</c>.</param>
/// <param name="At">When.</param>
/// <param name="Handler">The handler that failed.</param>
/// <param name="Attempt">The attempt that failed last, or that succeeded.</param>
/// <param name="Tier">The delayed retry that it waits for, from 0.</param>
/// <param name="Reason">Why it became a dead letter, or why it was discarded.</param>
/// <param name="ExceptionType">What the handler threw.</param>
/// <param name="ExceptionMessage">What that said.</param>
/// <param name="Run">The replay that sent it back last, or the discard.</param>
/// <param name="By">Who decided to discard it.</param>
public sealed record HandlingStep(
    Guid EventId,
    string Type,
    string Service,
    string Kind,
    DateTimeOffset At,
    string? Handler,
    int? Attempt,
    int? Tier,
    string? Reason,
    string? ExceptionType,
    string? ExceptionMessage,
    Guid? Run,
    string? By);
