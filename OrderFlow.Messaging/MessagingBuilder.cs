using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrderFlow.Messaging.Durability;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Transport;

namespace OrderFlow.Messaging;

/// <summary>What a service publishes and handles.</summary>
public sealed class MessagingBuilder
{
    private readonly Dictionary<MessageDescriptor, string> wireTypes = [];
    private readonly Dictionary<MessageDescriptor, bool> published = [];
    private readonly Dictionary<MessageDescriptor, Func<string, EventRoute>> handled = [];
    private readonly string service;
    private readonly IServiceCollection services;

    internal MessagingBuilder(string service, IServiceCollection services)
    {
        (this.service, this.services) = (service, services);
        if (service.Length is 0 or > 200 || service.StartsWith("amq.", StringComparison.Ordinal) || service.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            throw new ArgumentException(
                $"'{service}' cannot name a queue: use at most 200 ASCII letters, digits, '-', '.' and '_', not beginning with 'amq.'.", nameof(service));
        }
    }

    /// <summary>Makes events known by their wire type.</summary>
    public MessagingBuilder AddEvents(IReadOnlyDictionary<string, MessageDescriptor> wireTypes)
    {
        ArgumentNullException.ThrowIfNull(wireTypes);
        foreach (var (wireType, descriptor) in wireTypes)
        {
            WireType.Validate(wireType);
            this.wireTypes[descriptor] = wireType;
        }

        return this;
    }

    /// <summary>Declares that the service publishes the event.</summary>
    /// <param name="requireSubscriber">Whether publishing fails as <see cref="PublishFailure.Unroutable"/> while no queue is bound for it.</param>
    public MessagingBuilder Publishes<TEvent>(bool requireSubscriber = true)
        where TEvent : IMessage<TEvent>, new()
    {
        published[new TEvent().Descriptor] = requireSubscriber;
        return this;
    }

    /// <summary>Declares that <typeparamref name="THandler"/> handles the event.</summary>
    /// <remarks>One handler per event: a service that does two things on one event does them in one handler, or is two services.</remarks>
    public MessagingBuilder Handles<TEvent, THandler>()
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IEventHandler<TEvent> =>
        Handles<TEvent, THandler>(wireType => new PlainRoute<TEvent, THandler>(wireType));

    /// <summary>
    /// Declares that <typeparamref name="THandler"/> handles the event with an effect in the service's database: each event has its effect
    /// once, however often it is delivered, and what the handler publishes goes out when, and only when, the effect is committed.
    /// </summary>
    /// <remarks>
    /// Needs <c>builder.AddDurability(…)</c>; without it the service does not start. Events that are ready at the same time share a transaction.
    /// The rule of <see cref="Handles{TEvent, THandler}()"/> holds: one handler per event.
    /// </remarks>
    public MessagingBuilder HandlesInTransaction<TEvent, THandler>()
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, ITransactionalHandler<TEvent> =>
        Handles<TEvent, THandler>(wireType => new TransactionalRoute<TEvent, THandler>(wireType));

    private MessagingBuilder Handles<TEvent, THandler>(Func<string, EventRoute> route)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class
    {
        if (!handled.TryAdd(new TEvent().Descriptor, route))
        {
            throw new InvalidOperationException($"{service} already handles {typeof(TEvent).Name}; {typeof(THandler).Name} would be its second handler.");
        }

        services.TryAddScoped<THandler>();
        return this;
    }

    internal MessagingWiring Build() => new(
        service,
        [.. published.Select(entry => new PublishRoute(entry.Key, WireTypeOf(entry.Key), entry.Value))],
        [.. handled.Select(entry => entry.Value(WireTypeOf(entry.Key)))]);

    private string WireTypeOf(MessageDescriptor descriptor) => wireTypes.TryGetValue(descriptor, out var wireType)
        ? wireType
        : throw new InvalidOperationException(
            $"{service} publishes or handles {descriptor.FullName}, which has no wire type. Give the message an option (wire_type) " +
            "and pass the catalog that holds it to AddEvents.");
}
