using System.Collections.Concurrent;
using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Tests.Support.Gateway;

/// <summary>A bus that keeps what it is given, and answers as configured.</summary>
internal sealed class RecordingPublisher : IEventPublisher
{
    private readonly ConcurrentQueue<(OrderCreated Order, EventContext Context)> _published = new();

    /// <summary>What publishing does beside recording; by default it is confirmed at once.</summary>
    public Func<Task> Confirm { get; set; } = () => Task.CompletedTask;

    public IReadOnlyList<(OrderCreated Order, EventContext Context)> Published => [.. _published];

    public Task PublishAsync(IMessage @event, EventContext context, CancellationToken cancellationToken)
    {
        _published.Enqueue(((OrderCreated)@event, context));
        return Confirm();
    }

    public Task PublishAsync(IReadOnlyCollection<OutgoingEvent> events, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The Gateway publishes one event at a time.");
}
