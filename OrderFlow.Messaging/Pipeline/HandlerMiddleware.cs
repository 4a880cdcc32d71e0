using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Calls the handler, the last of all.</summary>
internal sealed class HandlerMiddleware : IMiddleware
{
    private readonly IServiceProvider _services;

    /// <exception cref="InvalidOperationException">A handler needs what the service has not set up.</exception>
    public HandlerMiddleware(IServiceProvider services, MessagingWiring wiring)
    {
        _services = services;
        foreach (var route in wiring.Routes)
        {
            route.Validate(services, wiring.Service);
        }
    }

    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        var (route, attempt) = (context.Received!.Route, context.Attempt!);
        context.Outcome = await route.HandleAsync(_services, attempt, context.Received.Body, context.Lifetime.Aborting) switch
        {
            HandlingResult.Handled => new HandlingOutcome.Succeeded(attempt.Attempt),
            _ => new HandlingOutcome.Duplicate(attempt.Attempt),
        };
    }
}
