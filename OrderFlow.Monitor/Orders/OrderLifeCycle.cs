namespace OrderFlow.Monitor.Orders;

/// <summary>The life of an order so far.</summary>
/// <param name="Order">Its state; of the flow that began first, should there be several.</param>
/// <param name="AgeMs">How long it has taken, or takes until now, in milliseconds.</param>
/// <param name="Steps">Its events with the time between them.</param>
/// <param name="Handling">Its retries and dead letters, and what was decided about them.</param>
/// <param name="Truncated">Whether there are more than an answer holds.</param>
/// <param name="Stages">Where the time went until the customer was notified; absent before that.</param>
/// <param name="StagesSumMicros">The sum of the stages, in microseconds.</param>
/// <param name="EndToEndMicros">What <c>notification.sent</c> says of the whole, in microseconds.</param>
internal sealed record OrderLifeCycle(
    OrderSummary Order,
    double AgeMs,
    IReadOnlyList<TraceStep> Steps,
    IReadOnlyList<HandlingStep> Handling,
    bool Truncated,
    IReadOnlyList<StageTime>? Stages,
    long? StagesSumMicros,
    long? EndToEndMicros);
