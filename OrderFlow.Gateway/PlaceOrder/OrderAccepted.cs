namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>The answer to a client whose order the broker has confirmed.</summary>
internal sealed record OrderAccepted(string OrderId, string CorrelationId, string Status = "accepted");
