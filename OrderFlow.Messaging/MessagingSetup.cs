using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.Hosting;
using OrderFlow.Messaging.Handling;

namespace OrderFlow.Messaging;

/// <summary>Wires a service to the bus.</summary>
public static class MessagingSetup
{
    /// <summary>Adds the publisher and, when events are handled, the consumer of a service.</summary>
    /// <param name="builder">The service's host; an <c>IConnectionFactory</c> must be registered, see <c>AddRabbitMQClient</c>.</param>
    /// <param name="service">The service's name: the queue it consumes and the <c>app-id</c> of what it publishes.</param>
    /// <param name="configure">What the service publishes and handles.</param>
    public static void AddMessaging(this IHostApplicationBuilder builder, string service, Action<MessagingBuilder> configure) =>
        throw new NotSupportedException();
}

/// <summary>What a service publishes and handles.</summary>
public sealed class MessagingBuilder
{
    /// <summary>Makes events known by their wire type.</summary>
    public MessagingBuilder AddEvents(IReadOnlyDictionary<string, MessageDescriptor> wireTypes) => throw new NotSupportedException();

    /// <summary>Declares that the service publishes the event.</summary>
    /// <param name="requireSubscriber">Whether publishing fails as <see cref="Publishing.PublishFailure.Unroutable"/> while no queue is bound for it.</param>
    public MessagingBuilder Publishes<TEvent>(bool requireSubscriber = true)
        where TEvent : IMessage<TEvent>, new() => throw new NotSupportedException();

    /// <summary>Declares that <typeparamref name="THandler"/> handles the event.</summary>
    public MessagingBuilder Handles<TEvent, THandler>()
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IEventHandler<TEvent> => throw new NotSupportedException();
}
