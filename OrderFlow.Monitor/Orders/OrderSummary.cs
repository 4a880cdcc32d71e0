namespace OrderFlow.Monitor.Orders;

/// <summary>The state of an order's flow.</summary>
/// <param name="OrderId">The order; empty for a flow without one.</param>
/// <param name="CorrelationId">The flow.</param>
/// <param name="Flow">The flow's name.</param>
/// <param name="UserId">Whose order it is.</param>
/// <param name="Status"><c>open</c>, <c>ended</c> (the customer was notified) or <c>failed</c> (given up).</param>
/// <param name="Outcome"><c>completed</c> or <c>rejected</c>, once that is known.</param>
/// <param name="StartedAt">The flow's origin.</param>
/// <param name="EndedAt">When the customer was notified.</param>
/// <param name="EndType">The event that said so.</param>
/// <param name="TotalMs">From start to end, in milliseconds.</param>
/// <param name="DeadlineMissed">Whether it took, or takes, longer than its deadline; absent while that is open.</param>
/// <param name="Events">Events stored so far.</param>
/// <param name="LastEventAt">When the last of them was published.</param>
/// <param name="Attempt">The worst that happened to it until its customer was notified: <c>first</c>, <c>retried</c> or <c>replayed</c>;
/// absent before that.</param>
/// <param name="GivenUpAt">When it was first given up, without a replay before: what counts as a failure, also when a replay has helped
/// since.</param>
public sealed record OrderSummary(
    string OrderId,
    string CorrelationId,
    string Flow,
    string? UserId,
    string Status,
    string? Outcome,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? EndType,
    double? TotalMs,
    bool? DeadlineMissed,
    int Events,
    DateTimeOffset LastEventAt,
    string? Attempt,
    DateTimeOffset? GivenUpAt)
{
    /// <summary>The tenant that it belongs to.</summary>
    public string? TenantId { get; init; }
}

/// <summary>A page of orders, the latest first.</summary>
/// <param name="Orders">The orders.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; absent on the last.</param>
public sealed record OrderSearchResult(IReadOnlyList<OrderSummary> Orders, string? Next);
