using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>
/// Begins the handling of an event: its stage in the latency ledger, its counters, and what every log line of its handler carries.
/// </summary>
internal sealed class LogScopeMiddleware(TimeProvider time, ILogger<LogScopeMiddleware> logger) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        var received = context.Received!;
        received = received with { Context = received.Context.Enter(Stage.Handling, time) };
        context.Received = received;
        context.Measurement.Receive(received);
        using var scope = logger.BeginScope(new HandlingLogScope(received.Context, context.Measurement.TraceId));
        await next(context);
    }
}
