using System.Collections.Frozen;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Consuming;

/// <summary>Begins the span and the timers of deliveries.</summary>
internal sealed class DeliveryMeasurements(
    MessagingDiagnostics diagnostics, SpanDescription spans, MessagingWiring wiring, TimeProvider time)
{
    private readonly FrozenDictionary<string, Destination> _handled =
        wiring.Handled.Keys.ToFrozenDictionary(
            type => type, type => Destination.OfProcessing(wiring.Service, type), StringComparer.Ordinal);

    private readonly Destination _unreadable = Destination.OfProcessing(wiring.Service);

    /// <param name="delivery">What came.</param>
    /// <param name="route">The way to its handler; <see langword="null"/> of what has none.</param>
    public DeliveryMeasurement Begin(Delivery delivery, EventRoute? route) =>
        new(diagnostics, spans, wiring.Service, route is null ? _unreadable : _handled[route.WireType], delivery, route, time);
}
