using System.Diagnostics;
using Google.Protobuf;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Publishing;

/// <summary>An event as it stands in the outbox: encoded, with its identity and with the trace of the handler that caused it.</summary>
public sealed record EncodedEvent(string WireType, EventContext Context, ReadOnlyMemory<byte> Body, TraceContext Trace)
{
    /// <summary>Before when it is not published, of an event that was scheduled.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Encodes an event.</summary>
    /// <param name="wireType">Its name on the wire.</param>
    /// <param name="event">Its body.</param>
    /// <param name="context">What goes with it.</param>
    /// <param name="cause">The span that it is caused in; <see langword="null"/> for the current one.</param>
    public static EncodedEvent Capture(string wireType, IMessage @event, EventContext context, Activity? cause = null) =>
        new(wireType, context, @event.ToByteArray(), TraceContext.Capture(cause ?? Activity.Current));
}

/// <summary>Publishes events that are encoded already. The publisher of the service implements it.</summary>
public interface IEncodedEventPublisher
{
    /// <summary>The name that the event has on the wire.</summary>
    /// <exception cref="InvalidOperationException">The service does not publish such events.</exception>
    string WireTypeOf(IMessage @event);

    /// <summary>The version that its body has; what publishes the event later may know another.</summary>
    int VersionOf(IMessage @event);

    /// <summary>Publishes all of them, pipelined, and returns when each is confirmed or has failed.</summary>
    /// <param name="events">What to publish.</param>
    /// <param name="packed">Whether those of one type may go in one message. Not where order is kept: what spreads events over partitions
    /// by their aggregate looks at messages.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>For each event, in their order, why it was not published; <see langword="null"/> for one the broker confirmed.
    /// A <see cref="PublishException"/> tells by its reason whether the broker or the event is at fault; any other exception is the
    /// event's fault.</returns>
    /// <exception cref="OperationCanceledException">The only one it throws: what is not confirmed by then may have been published or
    /// not.</exception>
    Task<IReadOnlyList<Exception?>> PublishAsync(
        IReadOnlyList<EncodedEvent> events, bool packed, CancellationToken cancellationToken);
}
