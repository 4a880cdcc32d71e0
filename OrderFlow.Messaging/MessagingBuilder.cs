using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;
using OrderFlow.Messaging.Topology;

namespace OrderFlow.Messaging;

/// <summary>What a service publishes and handles.</summary>
public sealed class MessagingBuilder
{
    private readonly Dictionary<MessageDescriptor, string> _wireTypes = [];
    private readonly Dictionary<MessageDescriptor, int> _versions = [];
    private readonly Dictionary<MessageDescriptor, bool> _published = [];
    private readonly Dictionary<MessageDescriptor, Func<EventSchema, EventRoute>> _handled = [];
    private readonly Dictionary<(MessageDescriptor To, int FromVersion), Upcaster> _upcasters = [];
    private int _partitions;
    private bool _anyOrder;
    private readonly string _service;
    private readonly IServiceCollection _services;

    /// <summary>The service's registrations, for libraries that add to the bus.</summary>
    public IServiceCollection Services => _services;

    internal MessagingBuilder(string service, IServiceCollection services)
    {
        (_service, _services) = (service, services);
        if (service.Length is 0 or > 200
            || service.StartsWith("amq.", StringComparison.Ordinal)
            || service.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            throw new ArgumentException(
                $"'{service}' cannot name a queue: use at most 200 ASCII letters, digits, '-', '.' and '_', not beginning with 'amq.'.",
                nameof(service));
        }
    }

    /// <summary>Makes events known by their wire type.</summary>
    /// <param name="wireTypes">The events.</param>
    /// <param name="versions">
    /// Schema versions of their bodies, by wire type; 1 for those without. A publisher writes it, and a handler understands it, and older
    /// ones with <see cref="AddUpcaster"/>. Other versions become dead letters, so raise it only when a body means something else than
    /// before.
    /// </param>
    public MessagingBuilder AddEvents(
        IReadOnlyDictionary<string, MessageDescriptor> wireTypes, IReadOnlyDictionary<string, int>? versions = null)
    {
        ArgumentNullException.ThrowIfNull(wireTypes);
        foreach (var (wireType, descriptor) in wireTypes)
        {
            WireType.Validate(wireType);
            _wireTypes[descriptor] = wireType;
            _versions[descriptor] = versions?.GetValueOrDefault(wireType, 1) ?? 1;
            if (_versions[descriptor] < 1)
            {
                throw new InvalidOperationException($"{wireType} has version {_versions[descriptor]}. The first version of an event is 1.");
            }
        }

        return this;
    }

    /// <summary>Declares that the service publishes the event.</summary>
    /// <param name="requireSubscriber">Whether publishing fails as <see cref="PublishFailure.Unroutable"/> while no queue is bound for
    /// it.</param>
    public MessagingBuilder Publishes<TEvent>(bool requireSubscriber = true)
        where TEvent : IMessage<TEvent>, new()
    {
        _published[new TEvent().Descriptor] = requireSubscriber;
        return this;
    }

    /// <summary>
    /// Lets events that are published without an outbox go to the broker together when they have to wait for its confirms anyway: that
    /// costs it the least. What is published one behind the other may then be handled in another order by a service that
    /// <see cref="HandlesInOrder"/>.
    /// </summary>
    /// <seealso cref="MessagingOptions.MostPacked"/>
    public MessagingBuilder PublishesInAnyOrder()
    {
        _anyOrder = true;
        return this;
    }

    /// <summary>
    /// Lets a handler understand an older version of its event: the body is read as <typeparamref name="TFrom"/> and made the next
    /// version. Several upcasters follow one another, up to the version that <see cref="AddEvents"/> says.
    /// </summary>
    /// <typeparam name="TFrom">The body in the old version; a message without a wire type of its own, or the event itself if only the
    /// meaning changed.</typeparam>
    /// <typeparam name="TTo">The body in the next version: the event, or what the next upcaster begins with.</typeparam>
    /// <param name="fromVersion">The old version.</param>
    /// <param name="upcast">Makes the one of the other. What it throws makes the event a dead letter.</param>
    public MessagingBuilder AddUpcaster<TFrom, TTo>(int fromVersion, Func<TFrom, TTo> upcast)
        where TFrom : IMessage<TFrom>, new()
        where TTo : IMessage<TTo>, new()
    {
        ArgumentNullException.ThrowIfNull(upcast);
        var (from, to) = (new TFrom().Descriptor, new TTo().Descriptor);
        if (!_upcasters.TryAdd((to, fromVersion), new Upcaster(from, to, fromVersion, message => upcast((TFrom)message))))
        {
            throw new InvalidOperationException($"{_service} already has an upcaster to {to.Name} from version {fromVersion}.");
        }

        return this;
    }

    /// <summary>Declares that <typeparamref name="THandler"/> handles the event.</summary>
    /// <remarks>One handler per event: a service that does two things on one event does them in one handler, or is two services.</remarks>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public MessagingBuilder Handles<TEvent, THandler>(Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IEventHandler<TEvent> =>
        AddHandler<TEvent, THandler>(retry, (schema, policy) => new PlainRoute<TEvent, THandler>(schema, policy));

    /// <summary>
    /// Keeps the order of what the service handles: the events of one aggregate (<see cref="EventContext.AggregateId"/>) are handled
    /// strictly one after the other, as they were published, also while one of them waits for a retry; events of different aggregates are
    /// handled concurrently.
    /// </summary>
    /// <remarks>
    /// An event without an aggregate id becomes a dead letter. The delayed retries of a handler may last 15 minutes in all; a longer total
    /// is an <see cref="InvalidOperationException"/> when the service starts. What is published in order is for the publishing service to
    /// say, see <c>PublishesInOrder</c> of OrderFlow.Messaging.Postgres.
    /// </remarks>
    /// <param name="partitions">
    /// Queues that the aggregates are spread over, from 1 to 64: as many replicas can share the work. Each may have its part of
    /// <see cref="MessagingOptions.Prefetch"/> unacknowledged. Change the number, or ask for order or no longer, only while the service's
    /// queues are empty: new events take the new way at once, and what a former queue still holds is consumed by nobody.
    /// </param>
    public MessagingBuilder HandlesInOrder(int partitions = 8)
    {
        if (partitions is < 1 or > OrderingDeclaration.Most)
        {
            throw new ArgumentOutOfRangeException(
                nameof(partitions),
                partitions,
                $"A service that handles events in order has from 1 to {OrderingDeclaration.Most} partitions.");
        }

        _partitions = partitions;
        return this;
    }

    /// <summary>Declares another kind of handler, for libraries that bring one.</summary>
    /// <typeparam name="TEvent">The event.</typeparam>
    /// <typeparam name="THandler">Its handler, which is registered in the service's provider.</typeparam>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    /// <param name="route">Makes the way to the handler.</param>
    /// <exception cref="InvalidOperationException">The service has a handler for the event already.</exception>
    public MessagingBuilder AddHandler<TEvent, THandler>(
        Action<RetryPolicyBuilder>? retry, Func<EventSchema, RetryPolicy, EventRoute> route)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class
    {
        var policy = new RetryPolicyBuilder();
        retry?.Invoke(policy);
        if (!_handled.TryAdd(new TEvent().Descriptor, schema => route(schema, policy.Build())))
        {
            throw new InvalidOperationException(
                $"{_service} already handles {typeof(TEvent).Name}; {typeof(THandler).Name} would be its second handler.");
        }

        _services.TryAddScoped<THandler>();
        return this;
    }

    /// <summary>Finds every mistake now; the wiring itself waits for the service's settings.</summary>
    internal Func<IReadOnlyList<TimeSpan>, MessagingWiring> Build()
    {
        PublishRoute[] publishes =
        [
            .. _published.Select(entry => new PublishRoute(entry.Key, WireTypeOf(entry.Key), _versions[entry.Key], entry.Value)),
        ];
        EventRoute[] handles = [.. _handled.Select(entry => entry.Value(SchemaOf(entry.Key)))];
        if (_upcasters.Values.Except(handles.SelectMany(route => route.Schema.Upcasters)).FirstOrDefault() is { } useless)
        {
            throw new InvalidOperationException(
                $"{_service} has an upcaster from version {useless.FromVersion} to {useless.To.Name}, " +
                $"but no handler and no upcaster takes that as version {useless.FromVersion + 1}. " +
                "Each step leads to the next version, the last to the event that is handled.");
        }

        if (_partitions > 0 && handles.Length == 0)
        {
            throw new InvalidOperationException(
                $"{_service} handles events in order, but handles none. "
                + "Add .Handles<…>() where it calls AddMessaging, or take .HandlesInOrder() away.");
        }

        return retryTiers => new MessagingWiring(_service, publishes, handles, retryTiers, _partitions) { PublishesInAnyOrder = _anyOrder };
    }

    private EventSchema SchemaOf(MessageDescriptor descriptor)
    {
        var wireType = WireTypeOf(descriptor);
        var version = _versions[descriptor];
        var steps = new List<Upcaster>();
        var (to, from) = (descriptor, version - 1);
        while (_upcasters.TryGetValue((to, from), out var step))
        {
            steps.Insert(0, step);
            (to, from) = (step.From, from - 1);
        }

        return new EventSchema(wireType, version, steps);
    }

    private string WireTypeOf(MessageDescriptor descriptor) => _wireTypes.TryGetValue(descriptor, out var wireType)
        ? wireType
        : throw new InvalidOperationException(
            $"{_service} publishes or handles {descriptor.FullName}, which has no wire type. Give the message an option (wire_type) " +
            "and pass the catalog that holds it to AddEvents.");
}
