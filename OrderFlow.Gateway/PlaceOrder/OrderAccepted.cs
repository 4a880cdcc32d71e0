namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>What a client is told whose order the broker has confirmed.</summary>
internal sealed record OrderAccepted(string OrderId, string CorrelationId, string Status = "accepted");
