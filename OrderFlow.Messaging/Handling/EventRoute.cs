using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.Messaging.Handling;

/// <summary>The way of one kind of event to its handler.</summary>
internal abstract class EventRoute(string wireType, string handlerName)
{
    public string WireType { get; } = wireType;

    public string HandlerName { get; } = handlerName;

    /// <summary>Reads the body.</summary>
    /// <exception cref="InvalidProtocolBufferException">The body is not what the type says.</exception>
    public abstract IMessage Parse(ReadOnlySpan<byte> body);

    /// <summary>Tells the handler, if it observes dead letters, and the registered observers.</summary>
    public abstract IEnumerable<(string Observer, Action Tell)> DeadLetterObservers(IServiceProvider scope, EventContext context, IMessage @event, Exception exception);
}

/// <inheritdoc/>
internal abstract class EventRoute<TEvent, THandler>(string wireType) : EventRoute(wireType, typeof(THandler).Name)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class
{
    private readonly MessageParser<TEvent> parser = new(() => new TEvent());

    public override IMessage Parse(ReadOnlySpan<byte> body) => parser.ParseFrom(body);

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
