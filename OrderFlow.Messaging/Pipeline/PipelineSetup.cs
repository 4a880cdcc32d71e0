using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Consuming;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>The order of the pipeline: here, and nowhere else.</summary>
internal static class PipelineSetup
{
    public static void AddHandlingPipeline(this IServiceCollection services)
    {
        services
            .Then<SplitMiddleware>()             // sends what came in one message, and must not, to the service singly
            .Then<DecodingMiddleware>()          // reads the event, or finds why it cannot be read
            .Then<LongWaitMiddleware>()          // back to a retry queue while the time that its handler asked for is not over
            .Then<ThrottleMiddleware>()          // slows down while nearly every event fails
            .Then<MeasurementMiddleware>()       // span, timers, counters
            .Then<UndeliveredMiddleware>()       // what the broker gave up becomes a dead letter
            .Then<UnreadableMiddleware>()        // so does what cannot be read
            .Then<LogScopeMiddleware>()          // correlation id, event id and trace id on every line of the handler
            .Then<DeadLetterMiddleware>()        // what failed for good
            .Then<DelayedRetryMiddleware>()      // what failed and has a delayed retry left
            .Then<AcknowledgementMiddleware>()   // what is handled
            .Then<ReplayOutcomeMiddleware>()     // says of a replayed event that it is handled
            .Then<InlineRetryMiddleware>()       // tries again at once, a few times
            .Then<HandlerMiddleware>();          // calls the handler
        services.AddSingleton<IDeliveryHandler, HandlingPipeline>();
    }

    private static IServiceCollection Then<TMiddleware>(this IServiceCollection services)
        where TMiddleware : class, IMiddleware => services.AddSingleton<IMiddleware, TMiddleware>();
}
