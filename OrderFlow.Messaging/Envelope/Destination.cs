using OrderFlow.Messaging.Diagnostics;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// A destination, and a span for it, as OpenTelemetry names them: opentelemetry.io/docs/specs/semconv/messaging/rabbitmq. Made of what the
/// service is wired for and never of what a message says, so there are few; an event that waited in a retry queue keeps its own.
/// </summary>
internal sealed class Destination
{
    private Destination(string operation, string name) => (Name, SpanName) = (name, $"{operation} {name}");

    /// <summary>The attribute <c>messaging.destination.name</c>.</summary>
    public string Name { get; }

    public string SpanName { get; }

    public static Destination OfSending(string wireType) => new(Tags.SendOperation, $"{WireType.ExchangeOf(wireType)}:{wireType}");

    /// <param name="queue">Where it was consumed.</param>
    /// <param name="wireType">What; absent of what cannot be told.</param>
    public static Destination OfProcessing(string queue, string? wireType = null) =>
        new(Tags.ProcessOperation, wireType is null ? queue : $"{WireType.ExchangeOf(wireType)}:{wireType}:{queue}");
}
