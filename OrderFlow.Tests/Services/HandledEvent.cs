using Google.Protobuf;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Handling;

namespace OrderFlow.Tests.Services;

/// <summary>A handled event without a bus: keeps what the handler publishes.</summary>
internal sealed class HandledEvent(EventContext context) : IHandlingContext
{
    private readonly List<IMessage> _published = [];

    public EventContext Event { get; } = context;

    public IReadOnlyList<IMessage> Published => _published;

    /// <summary>What publishing does beside recording; by default it is confirmed at once.</summary>
    public Func<Task> Confirm { get; set; } = () => Task.CompletedTask;

    public static HandledEvent Begun(TimeProvider time, string flow = "OrderCreationFlow") => new(EventContext.StartFlow(flow, time));

    public Task PublishAsync(IMessage @event, CancellationToken cancellationToken)
    {
        _published.Add(@event);
        return Confirm();
    }
}
