namespace OrderFlow.Messaging.Consuming;

/// <summary>Does with every delivery what is to be done.</summary>
internal interface IDeliveryHandler
{
    /// <returns>What becomes of the delivery.</returns>
    Task<Settlement> HandleAsync(Delivery delivery, HandlingLifetime lifetime);
}
