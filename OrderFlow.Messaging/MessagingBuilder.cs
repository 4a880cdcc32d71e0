using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrderFlow.Messaging.Durability;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Retrying;
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
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public MessagingBuilder Handles<TEvent, THandler>(Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IEventHandler<TEvent> =>
        AddHandler<TEvent, THandler>(retry, (wireType, policy) => new PlainRoute<TEvent, THandler>(wireType, policy));

    /// <summary>
    /// Declares that <typeparamref name="THandler"/> handles the event with an effect in the service's database: each event has its effect
    /// once, however often it is delivered, and what the handler publishes goes out when, and only when, the effect is committed.
    /// </summary>
    /// <remarks>
    /// Needs <c>builder.AddDurability(…)</c>; without it the service does not start. Events that are ready at the same time share a transaction.
    /// The rule of <see cref="Handles{TEvent, THandler}"/> holds: one handler per event.
    /// </remarks>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public MessagingBuilder HandlesInTransaction<TEvent, THandler>(Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, ITransactionalHandler<TEvent> =>
        AddHandler<TEvent, THandler>(retry, (wireType, policy) => new TransactionalRoute<TEvent, THandler>(wireType, policy));

    /// <summary>
    /// As <see cref="HandlesInTransaction{TEvent, THandler}"/>, with a first step of the handler before the transaction: for work outside of the
    /// database that takes its time.
    /// </summary>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public MessagingBuilder HandlesInTransaction<TEvent, TPrepared, THandler>(Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IPreparingHandler<TEvent, TPrepared> =>
        AddHandler<TEvent, THandler>(retry, (wireType, policy) => new PreparingRoute<TEvent, TPrepared, THandler>(wireType, policy));

    private MessagingBuilder AddHandler<TEvent, THandler>(Action<RetryPolicyBuilder>? retry, Func<string, RetryPolicy, EventRoute> route)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class
    {
        var policy = new RetryPolicyBuilder();
        retry?.Invoke(policy);
        if (!handled.TryAdd(new TEvent().Descriptor, wireType => route(wireType, policy.Build())))
        {
            throw new InvalidOperationException($"{service} already handles {typeof(TEvent).Name}; {typeof(THandler).Name} would be its second handler.");
        }

        services.TryAddScoped<THandler>();
        return this;
    }

    /// <summary>Finds every mistake now; the wiring itself waits for the service's settings.</summary>
    internal Func<IReadOnlyList<TimeSpan>, MessagingWiring> Build()
    {
        PublishRoute[] publishes = [.. published.Select(entry => new PublishRoute(entry.Key, WireTypeOf(entry.Key), entry.Value))];
        EventRoute[] handles = [.. handled.Select(entry => entry.Value(WireTypeOf(entry.Key)))];
        return retryTiers => new MessagingWiring(service, publishes, handles, retryTiers);
    }

    private string WireTypeOf(MessageDescriptor descriptor) => wireTypes.TryGetValue(descriptor, out var wireType)
        ? wireType
        : throw new InvalidOperationException(
            $"{service} publishes or handles {descriptor.FullName}, which has no wire type. Give the message an option (wire_type) " +
            "and pass the catalog that holds it to AddEvents.");
}
