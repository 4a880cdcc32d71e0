namespace OrderFlow.Monitor.Orders;

/// <summary>Open flows, the oldest first.</summary>
internal sealed record OpenFlowList(IReadOnlyList<OpenFlow> Flows);

/// <summary>A flow that has begun and not ended.</summary>
/// <param name="Flow">Its state.</param>
/// <param name="AgeMs">How long ago it began, in milliseconds.</param>
internal sealed record OpenFlow(OrderSummary Flow, double AgeMs);
