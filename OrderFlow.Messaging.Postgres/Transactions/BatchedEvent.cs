using Google.Protobuf;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>One event of a batch.</summary>
/// <typeparam name="TEvent">Its kind.</typeparam>
public class BatchedEvent<TEvent>
    where TEvent : IMessage
{
    private readonly HandledEvent _handled;

    internal BatchedEvent(HandledEvent handled, TEvent body) => (_handled, Body) = (handled, body);

    /// <summary>What came with it, and what it causes.</summary>
    public IHandledEvent Context => _handled;

    /// <summary>What it says.</summary>
    public TEvent Body { get; }

    /// <summary>
    /// Makes this event's trace and log scope the current ones until the result is disposed of, before the next <c>await</c>.
    /// </summary>
    public Surroundings Enter() => new(_handled.Surroundings);

    /// <summary>Has something done once the transaction is committed. It must not throw.</summary>
    public void OnCommitted(Action action) => _handled.Committed += action;
}

/// <inheritdoc cref="BatchedEvent{TEvent}"/>
/// <typeparam name="TEvent">Its kind.</typeparam>
/// <typeparam name="TPrepared">What its first step made.</typeparam>
public sealed class BatchedEvent<TEvent, TPrepared> : BatchedEvent<TEvent>
    where TEvent : IMessage
{
    internal BatchedEvent(HandledEvent handled, TEvent body, TPrepared prepared)
        : base(handled, body) => Prepared = prepared;

    /// <summary>What its first step made.</summary>
    public TPrepared Prepared { get; }
}

/// <summary>An event's trace and log scope, while they are the current ones.</summary>
public readonly ref struct Surroundings
{
    private readonly ExecutionContext? _before;

    internal Surroundings(ExecutionContext? entered)
    {
        if (entered is not null)
        {
            _before = ExecutionContext.Capture();
            ExecutionContext.Restore(entered);
        }
    }

    /// <summary>Puts back what was current before.</summary>
    public void Dispose()
    {
        if (_before is not null)
        {
            ExecutionContext.Restore(_before);
        }
    }
}
