using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Heartbeats;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>
/// Begins the handling of an event: its stage in the latency ledger, its counters, and what every log line of its handler carries.
/// </summary>
internal sealed class LogScopeMiddleware(HandlingPace pace, TimeProvider time, ILogger<LogScopeMiddleware> logger) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        var received = context.Received!;
        received = received with { Context = received.Context.Enter(Stage.Handling, time) };
        context.Received = received;
        context.Measurement.Receive(received);
        if (received.RetryTier is null && !received.Context.Replayed && context.Delivery.Received.Timestamp is { } arrived)
        {
            var buffered = time.GetElapsedTime(arrived);
            pace.Begins(received.Route.WireType, received.WaitMicros + (buffered.Ticks / TimeSpan.TicksPerMicrosecond));
        }

        using var scope = logger.BeginScope(new HandlingLogScope(received.Context, context.Measurement.TraceId));
        await next(context);
    }
}
