using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Heartbeats;
using OrderFlow.Messaging.LifecycleEvents;
using OrderFlow.Messaging.Pipeline;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging;

/// <summary>Wires a service to the bus.</summary>
public static class MessagingSetup
{
    /// <summary>Adds the publisher and, when events are handled, the consumer of a service.</summary>
    /// <remarks>
    /// Options: section <c>Messaging</c>, see <see cref="MessagingOptions"/>. Telemetry: meter and span source <c>OrderFlow.Messaging</c>.
    /// Health: the check <c>messaging</c> with the tag <c>ready</c>.
    /// </remarks>
    /// <param name="builder">The service's host; an <c>IConnectionFactory</c> must be registered, see
    /// <see cref="MessageBrokerSetup.AddMessageBroker"/>.</param>
    /// <param name="service">The service's name: the queue it consumes and the <c>app-id</c> of what it publishes.</param>
    /// <param name="configure">What the service publishes and handles.</param>
    public static void AddMessaging(this IHostApplicationBuilder builder, string service, Action<MessagingBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        if (services.Any(descriptor => descriptor.ServiceType == typeof(MessagingWiring)))
        {
            throw new InvalidOperationException(
                "AddMessaging was called twice. Configure everything that the service publishes and handles in one call.");
        }

        var wiring = new MessagingBuilder(service, services);
        configure(wiring);
        var wire = wiring.Build();
        services.AddSingleton(provider => wire(provider.GetRequiredService<IOptions<MessagingOptions>>().Value.RetryDelayList));

        services.AddMessagingOptions();
        services.TryAddSingleton(TimeProvider.System);

        // Transport: one connection to publish, one to consume.
        services.AddSingleton<BrokerConnector>();
        services.AddSingleton<PublisherConnection>();
        services.AddSingleton<ConsumerConnection>();

        // Publishing.
        services.AddSingleton<EventEncoder>();
        services.AddSingleton<PublishStart>();
        services.AddSingleton<WireTapCopies>();
        services.AddSingleton<LingeringCopies>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<IEventPublisher>(provider => provider.GetRequiredService<EventPublisher>());
        services.AddSingleton<IEncodedEventPublisher>(provider => provider.GetRequiredService<EventPublisher>());

        // Receiving and handling.
        services.AddSingleton<DeliveryDecoder>();
        services.AddSingleton<DeliveryMeasurements>();
        services.AddSingleton<InProcessRetry>();
        services.AddSingleton<ConsumerThrottle>();
        services.AddSingleton<DelayedRetries>();
        services.AddSingleton<MessageForwarder>();
        services.AddSingleton<LifecycleEventPublisher>();
        services.AddSingleton<DeadLetterEncoder>();
        services.AddSingleton<DeadLetters>();
        services.AddHandlingPipeline();

        // Diagnostics.
        services.AddMetrics();
        services.AddSingleton<MessagingDiagnostics>();
        services.AddSingleton<SpanDescription>();
        services.AddSingleton<QueueSizes>();
        services.AddHealthChecks().AddCheck<MessagingHealthCheck>(MessagingHealthCheck.Name, tags: [MessagingHealthCheck.Tag]);

        services.AddHostedService<MessageBus>();
        services.AddSingleton<HandlingPace>();
        services.AddHostedService<HeartbeatPublisher>();
    }
}
