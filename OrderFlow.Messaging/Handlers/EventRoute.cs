using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Handlers;

/// <summary>The way of one kind of event to its handler.</summary>
internal abstract class EventRoute(EventSchema schema, string handlerName, RetryPolicy retry)
{
    public EventSchema Schema { get; } = schema;

    public string WireType => Schema.WireType;

    public string HandlerName { get; } = handlerName;

    public RetryPolicy Retry { get; } = retry;

    /// <summary>Reads a body of the newest version, or an older one as that.</summary>
    /// <exception cref="InvalidProtocolBufferException">The body is not what the type says.</exception>
    /// <exception cref="UpcastException">It cannot be brought to the newest version.</exception>
    public IMessage Read(int version, ReadOnlySpan<byte> body) => version == Schema.Version ? Parse(body) : Schema.Upcast(version, body);

    protected abstract IMessage Parse(ReadOnlySpan<byte> body);

    /// <summary>Tells the handler, if it observes dead letters, and the registered observers.</summary>
    public abstract IEnumerable<(string Observer, Action Tell)> DeadLetterObservers(IServiceProvider scope, EventContext context, IMessage @event, Exception exception);
}

/// <inheritdoc/>
internal abstract class EventRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute(schema, typeof(THandler).Name, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class
{
    private readonly MessageParser<TEvent> _parser = new(() => new TEvent());

    protected override IMessage Parse(ReadOnlySpan<byte> body) => _parser.ParseFrom(body);

    public override IEnumerable<(string Observer, Action Tell)> DeadLetterObservers(IServiceProvider scope, EventContext context, IMessage @event, Exception exception)
    {
        var observers = scope.GetServices<IDeadLetterObserver<TEvent>>().ToList();
        if (typeof(THandler).IsAssignableTo(typeof(IDeadLetterObserver<TEvent>)) && !observers.Exists(observer => observer is THandler))
        {
            observers.Add((IDeadLetterObserver<TEvent>)scope.GetRequiredService<THandler>());
        }

        return observers.Select(observer => (observer.GetType().Name, (Action)(() => observer.OnDeadLettered(context, (TEvent)@event, exception))));
    }
}
