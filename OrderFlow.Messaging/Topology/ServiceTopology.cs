using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Topology;

/// <summary>The exchanges, queues and bindings of one service, and their idempotent declaration.</summary>
public sealed class ServiceTopology
{
    /// <summary>
    /// Deliveries of one message before the broker itself dead-letters it: the net below consumers that die of a message.
    /// </summary>
    private const int DeliveryLimit = 20;

    /// <summary>The same for a tap, which drops the message then: more, because connections lost for other reasons count, too.</summary>
    private const int DeliveryLimitOfTaps = 100;

    /// <summary>The same for what the broker moved itself: only what the AMQP client cannot parse is delivered so often.</summary>
    private const int DeliveryLimitOfUndelivered = 3;

    /// <summary>
    /// The same for dead letters. A look writes what it puts back anew, so that it counts from the beginning: only what cannot be parsed
    /// comes here, and a policy with a lower limit moves to the parking lot what it would drop without one.
    /// </summary>
    private const int DeliveryLimitOfDeadLetters = 10;

    /// <param name="service">The service's name.</param>
    /// <param name="publishedWireTypes">What it publishes.</param>
    /// <param name="handledWireTypes">What it handles.</param>
    /// <param name="retryDelays">The delays of its retry queues.</param>
    /// <param name="partitions">Queues that its events are spread over by their aggregate; 0 for one queue without an order.</param>
    public ServiceTopology(
        string service, IEnumerable<string> publishedWireTypes, IReadOnlyCollection<string> handledWireTypes,
        IEnumerable<TimeSpan> retryDelays, int partitions = 0)
    {
        ServiceQueue = service;
        Ordering = partitions == 0 ? null : new OrderingDeclaration(service, partitions);
        DeadLetterQueue = DeadLetterQueueOf(service);
        UndeliveredQueue = handledWireTypes.Count == 0 ? null : UndeliveredQueueOf(service);
        Exchanges =
        [
            .. publishedWireTypes.Concat(handledWireTypes).Select(WireType.ExchangeOf).Distinct(StringComparer.Ordinal).Order(
                StringComparer.Ordinal),
            .. publishedWireTypes.Any() ? [WireTapExchange.Exchange] : Enumerable.Empty<string>(),
            .. handledWireTypes.Count == 0 ? Enumerable.Empty<string>() : [LifecycleEventNames.Exchange],
            ServiceHeartbeat.Exchange,
        ];
        ServiceQueues = handledWireTypes.Count == 0 ? [] : Ordering?.Queues ?? [service];
        // Where order is kept, an event waits for its retry at its consumer: from another queue it would come back behind later ones.
        TimeSpan[] delays = handledWireTypes.Count == 0 || Ordering is not null ? [] : [.. retryDelays.Distinct().Order()];
        RetryQueues = [.. delays.Select(RetryQueueOf)];
        Queues = handledWireTypes.Count == 0
            ? []
            :
            [
                .. ServiceQueues.Select(name => ForService(name, UndeliveredQueueOf(service))),
                .. delays.Select(ForRetries),
                LastingQueue(UndeliveredQueueOf(service), DeliveryLimitOfUndelivered, DeadLetterQueue),
                LastingQueue(DeadLetterQueue, DeliveryLimitOfDeadLetters, ParkingLotOf(service)),
                new QueueDeclaration(
                    ParkingLotOf(service),
                    new SortedDictionary<string, object?>(StringComparer.Ordinal)
                    {
                        ["x-queue-type"] = "quorum",
                        ["x-overflow"] = "reject-publish",
                    }),
            ];
        Bindings =
        [
            .. handledWireTypes.Order(StringComparer.Ordinal)
                .Select(type => new BindingDeclaration(WireType.ExchangeOf(type), type, Ordering?.Exchange ?? service)),
        ];
    }

    private ServiceTopology(string queue, IReadOnlyList<string> exchanges, IReadOnlyList<string> formerly, QueueDeclaration declaration)
    {
        // No dead letters: what is dropped because the queue is full would go there, too.
        (ServiceQueue, DeadLetterQueue) = (queue, "nowhere, for the tap has a copy only");
        Exchanges = exchanges;
        ServiceQueues = [queue];
        RetryQueues = [];
        Queues = [declaration];
        Bindings = [.. exchanges.Select(exchange => new BindingDeclaration(exchange, "#", queue))];
        FormerBindings = [.. formerly.Select(exchange => new BindingDeclaration(exchange, "#", queue))];
    }

    /// <summary>
    /// A queue that gets everything of the exchanges, and of others nothing any more, and that no publisher ever notices.
    /// </summary>
    public static ServiceTopology ForTap(string queue, IReadOnlyList<string> exchanges, IReadOnlyList<string> formerly) =>
        new(queue, exchanges, formerly, ForTap(queue));

    /// <summary>The queue that the service consumes, unless it keeps an order; the others are named after it.</summary>
    public string ServiceQueue { get; }

    /// <summary>The queues that the service consumes: one, or one per partition.</summary>
    public IReadOnlyList<string> ServiceQueues { get; }

    /// <summary>What spreads the events over the partitions; <see langword="null"/> for a service that keeps no order.</summary>
    public OrderingDeclaration? Ordering { get; }

    public string DeadLetterQueue { get; }

    /// <summary>
    /// Where the broker brings what it takes out of the service's queues itself: after too many deliveries, at a time-out, or rejected by
    /// hand. The service makes dead letters of it.
    /// </summary>
    public string? UndeliveredQueue { get; }

    /// <summary>
    /// Where dead letters wait for somebody to decide: their queue and the parking lot behind it; none for a service that handles nothing.
    /// </summary>
    public IReadOnlyList<string> DeadLetterQueues => UndeliveredQueue is null ? [] : [DeadLetterQueue, ParkingLotOf(ServiceQueue)];

    /// <summary>One per delay, the shortest first; from there the broker brings messages back to the service's queue.</summary>
    public IReadOnlyList<string> RetryQueues { get; }

    /// <summary>Durable topic exchanges, one per domain, and that of the notices.</summary>
    public IReadOnlyList<string> Exchanges { get; }

    public IReadOnlyList<QueueDeclaration> Queues { get; }

    /// <summary>What brings events to the service's queue, or to the exchange that spreads them over its partitions.</summary>
    public IReadOnlyList<BindingDeclaration> Bindings { get; }

    /// <summary>What an earlier version bound, and this one takes away.</summary>
    public IReadOnlyList<BindingDeclaration> FormerBindings { get; } = [];

    public static string DeadLetterQueueOf(string service) => $"{service}.dead-letters";

    /// <summary>
    /// The last resort, which nobody consumes: what the broker takes out of the dead-letter queue instead of dropping it.
    /// </summary>
    public static string ParkingLotOf(string service) => $"{service}.parking-lot";

    public static string UndeliveredQueueOf(string service) => $"{service}.undelivered";

    public static string RetryQueueOf(string service, TimeSpan delay) => $"{service}.retry.{RetryDelays.Name(delay)}";

    public string RetryQueueOf(TimeSpan delay) => RetryQueueOf(ServiceQueue, delay);

    /// <summary>Declares everything; what exists as declared stays as it is.</summary>
    /// <exception cref="TopologyException">Something exists with other arguments.</exception>
    public async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var exchange in Exchanges)
        {
            await DeclareAsync("exchange", exchange, () => channel.ExchangeDeclareAsync(
                exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken));
        }

        if (Ordering is not null)
        {
            await DeclareAsync("exchange", Ordering.Exchange, () => channel.ExchangeDeclareAsync(
                Ordering.Exchange, OrderingDeclaration.ExchangeType, durable: true, autoDelete: false, OrderingDeclaration.Arguments,
                cancellationToken: cancellationToken));
        }

        foreach (var queue in Queues)
        {
            await DeclareAsync("queue", queue.Name, () => channel.QueueDeclareAsync(
                queue.Name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(queue.Arguments),
                cancellationToken: cancellationToken));
        }

        if (Ordering is not null)
        {
            await Ordering.BindAsync(channel, Bindings, cancellationToken);
        }
        else
        {
            foreach (var (exchange, routingKey, queue) in Bindings)
            {
                await channel.QueueBindAsync(queue, exchange, routingKey, cancellationToken: cancellationToken);
                // From when the service kept an order, if it did.
                await channel.ExchangeUnbindAsync(
                    OrderingDeclaration.ExchangeOf(ServiceQueue), exchange, routingKey, cancellationToken: cancellationToken);
            }
        }

        foreach (var (exchange, routingKey, queue) in FormerBindings)
        {
            await channel.QueueUnbindAsync(queue, exchange, routingKey, cancellationToken: cancellationToken);
        }

        await channel.CloseAsync(cancellationToken);
    }

    private static async Task DeclareAsync(string kind, string name, Func<Task> declare)
    {
        try
        {
            await declare();
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.PreconditionFailed)
        {
            throw new TopologyException(
                $"The broker has a {kind} '{name}' with other arguments than this version declares: "
                + $"{exception.ShutdownReason.ReplyText}. Probably an older or another program made it. "
                + $"Empty it, delete it (for a queue: rabbitmqctl delete_queue {name}), and this service declares it anew by itself.",
                exception);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.CommandInvalid)
        {
            throw new TopologyException(
                $"The broker does not know what the {kind} '{name}' is to be: " +
                $"{exception.ShutdownReason.ReplyText}. Probably a plugin is missing there: " +
                "rabbitmq-plugins enable rabbitmq_consistent_hash_exchange.", exception);
        }
    }

    private QueueDeclaration ForService(string name, string undelivered)
    {
        var arguments = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = DeliveryLimit,
            ["x-dead-letter-exchange"] = "",
            ["x-dead-letter-routing-key"] = undelivered,
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        };
        if (Ordering is not null)
        {
            arguments["x-single-active-consumer"] = true;
        }

        return new QueueDeclaration(name, arguments);
    }

    private QueueDeclaration ForRetries(TimeSpan delay) =>
        new(RetryQueueOf(delay), new SortedDictionary<string, object?>(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "quorum",
        ["x-message-ttl"] = (long)delay.TotalMilliseconds,
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = ServiceQueue,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    });

    // drop-head: reject-publish would refuse the order's own publish when nobody empties the tap. One consumer at a time keeps the order.
    private static QueueDeclaration ForTap(string name) => new(name, new SortedDictionary<string, object?>(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimitOfTaps,
        ["x-max-length"] = 1_000_000,
        ["x-max-length-bytes"] = 1L << 30,
        ["x-overflow"] = "drop-head",
        ["x-single-active-consumer"] = true,
    });

    private static QueueDeclaration LastingQueue(string name, int deliveryLimit, string next) =>
        new(name, new SortedDictionary<string, object?>(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = deliveryLimit,
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = next,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    });
}

/// <summary>A durable queue and its arguments.</summary>
public sealed record QueueDeclaration(string Name, IDictionary<string, object?> Arguments);

/// <summary>What brings an exchange's messages with a routing key to a queue, or to another exchange.</summary>
public sealed record BindingDeclaration(string Exchange, string RoutingKey, string Target);
