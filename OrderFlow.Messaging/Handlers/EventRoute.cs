using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Handlers;

/// <summary>The way of one kind of event to one kind of handler.</summary>
/// <typeparam name="TEvent">The event.</typeparam>
/// <typeparam name="THandler">Its handler.</typeparam>
/// <param name="schema">The event, and the versions of it that the handler understands.</param>
/// <param name="retry">What the handler's failures lead to.</param>
public abstract class EventRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute(schema, typeof(THandler).Name, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class
{
    private readonly MessageParser<TEvent> _parser = new(() => new TEvent());

    /// <inheritdoc/>
    protected override IMessage Parse(ReadOnlySpan<byte> body) => _parser.ParseFrom(body);

    /// <inheritdoc/>
    public override IEnumerable<(string Observer, Action Notify)> DeadLetterObservers(
        IServiceProvider scope, EventContext context, IMessage @event, Exception exception)
    {
        var observers = scope.GetServices<IDeadLetterObserver<TEvent>>().ToList();
        if (typeof(THandler).IsAssignableTo(typeof(IDeadLetterObserver<TEvent>)) && !observers.Exists(observer => observer is THandler))
        {
            observers.Add((IDeadLetterObserver<TEvent>)scope.GetRequiredService<THandler>());
        }

        return observers.Select(
            observer => (observer.GetType().Name, (Action)(() => observer.OnDeadLettered(context, (TEvent)@event, exception))));
    }
}
