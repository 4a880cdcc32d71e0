using OrderFlow.Messaging.Consuming;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>What happens to every delivery: the middlewares, each around those after it.</summary>
internal sealed class HandlingPipeline : IDeliveryHandler
{
    private readonly Func<DeliveryContext, Task> _first;

    /// <param name="middlewares">In the order in which a delivery comes to them.</param>
    public HandlingPipeline(IEnumerable<IMiddleware> middlewares) => _first = middlewares.Reverse().Aggregate(
        (Func<DeliveryContext, Task>)(_ => Task.CompletedTask),
        (next, middleware) => context => middleware.InvokeAsync(context, next));

    public async Task<Settlement> HandleAsync(Delivery delivery, HandlingLifetime lifetime)
    {
        var context = new DeliveryContext(delivery, lifetime);
        await _first(context);
        return context.Settlement;
    }
}
