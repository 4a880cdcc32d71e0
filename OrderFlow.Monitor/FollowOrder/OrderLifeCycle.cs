using OrderFlow.Monitor.FollowFailures;
using OrderFlow.Monitor.SearchOrders;
using OrderFlow.Monitor.TraceCorrelation;

namespace OrderFlow.Monitor.FollowOrder;

/// <summary>The life of an order so far.</summary>
/// <param name="Order">Where it stands; of the flow that began first, should there be several.</param>
/// <param name="AgeMs">How long it has taken, or takes until now, in milliseconds.</param>
/// <param name="Steps">Its events with the time between them.</param>
/// <param name="Handling">Its retries and dead letters, and what was decided about them.</param>
/// <param name="Truncated">Whether there are more than an answer holds.</param>
internal sealed record OrderLifeCycle(OrderSummary Order, double AgeMs, IReadOnlyList<TraceStep> Steps, IReadOnlyList<HandlingStep> Handling, bool Truncated);
