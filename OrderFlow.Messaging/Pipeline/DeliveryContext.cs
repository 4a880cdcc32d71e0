using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>One delivery on its way through the pipeline, and what the middlewares have found out about it.</summary>
internal sealed class DeliveryContext(Delivery delivery, HandlingLifetime lifetime)
{
    public Delivery Delivery { get; } = delivery;

    public HandlingLifetime Lifetime { get; } = lifetime;

    /// <summary>The event; <see langword="null"/> when the delivery cannot be read.</summary>
    public ReceivedEvent? Received { get; set; }

    /// <summary>Why it cannot be read, when it cannot.</summary>
    public Unreadable Unreadable { get; set; }

    /// <summary>Span, timers and counters, from <see cref="MeasurementMiddleware"/> on.</summary>
    public DeliveryMeasurement Measurement { get; set; } = null!;

    /// <summary>The event's context in the attempt under way, which counts attempts.</summary>
    public EventContext? Attempt { get; set; }

    /// <summary>How the attempts ended, once they have.</summary>
    public HandlingOutcome? Outcome { get; set; }

    /// <summary>
    /// What becomes of the delivery. Until somebody says otherwise it stays with the broker, which delivers it again when the channel
    /// ends.
    /// </summary>
    public Settlement Settlement { get; set; } = Settlement.Keep;
}
