using Google.Protobuf;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Routing;

/// <summary>The way of one kind of event to its handler.</summary>
/// <param name="schema">The event, and the versions of it that the handler understands.</param>
/// <param name="handlerName">The handler's name, as labels and logs have it.</param>
/// <param name="retry">What the handler's failures lead to.</param>
public abstract class EventRoute(EventSchema schema, string handlerName, RetryPolicy retry)
{
    /// <summary>The event, and the versions of it that the handler understands.</summary>
    public EventSchema Schema { get; } = schema;

    /// <summary>The event's name on the wire, such as <c>order.created</c>.</summary>
    public string WireType => Schema.WireType;

    /// <summary>The handler's name, as labels and logs have it.</summary>
    public string HandlerName { get; } = handlerName;

    /// <summary>What the handler's failures lead to.</summary>
    public RetryPolicy Retry { get; } = retry;

    /// <summary>
    /// Whether events that are ready at the same time share a transaction: then they have workers of their own, enough to fill the
    /// batches.
    /// </summary>
    public virtual bool IsTransactional => false;

    /// <summary>Looks for what the handler needs; called once when the service starts.</summary>
    /// <param name="services">The service's provider.</param>
    /// <param name="service">The service's name.</param>
    /// <exception cref="InvalidOperationException">Something is missing. The message says what to add.</exception>
    public virtual void Validate(IServiceProvider services, string service)
    {
    }

    /// <summary>Reads a body of the newest version, or an older one as that.</summary>
    /// <exception cref="InvalidProtocolBufferException">The body is not what the type says.</exception>
    /// <exception cref="UpcastException">It cannot be brought to the newest version.</exception>
    public IMessage Read(int version, ReadOnlySpan<byte> body) => version == Schema.Version ? Parse(body) : Schema.Upcast(version, body);

    /// <summary>Calls the handler once; what it throws comes out.</summary>
    /// <param name="services">The service's provider; the handler comes from a scope of its own.</param>
    /// <param name="context">What came with the event.</param>
    /// <param name="event">Its body.</param>
    /// <param name="aborting">Ends it.</param>
    public abstract Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting);

    /// <summary>Who wants to know of a dead letter: the handler, if it observes them, and the registered observers.</summary>
    public abstract IEnumerable<(string Observer, Action Notify)> DeadLetterObservers(
        IServiceProvider scope, EventContext context, IMessage @event, Exception exception);

    /// <summary>Reads a body of the newest version.</summary>
    protected abstract IMessage Parse(ReadOnlySpan<byte> body);
}
