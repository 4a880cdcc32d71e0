using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Publishing;

/// <summary>Begins to publish an event: opens its span and encodes it, so that the message carries the span.</summary>
internal sealed class PublishStart(MessagingWiring wiring, EventEncoder encoder, MessagingDiagnostics diagnostics, SpanDescription spans)
{
    /// <param name="route">Where the event goes.</param>
    /// <param name="body">What it says.</param>
    /// <param name="context">What travels with it.</param>
    /// <param name="stored">Of a stored event, what was kept of the span that caused it; its span is the parent then.</param>
    /// <param name="scheduled">Whether it has waited on purpose.</param>
    /// <exception cref="ArgumentException">The context does not fit a message.</exception>
    public OutgoingPublish Begin(
        PublishRoute route, EventBody body, EventContext context, TraceContext? stored = null, bool scheduled = false)
    {
        var measurement = new PublishMeasurement(diagnostics, wiring.Service, route, stored?.Parent());
        try
        {
            var message = encoder.Encode(route, body, context, measurement.Producer, stored ?? default);
            measurement.Describe(spans, message.Properties, body.Length, scheduled);
            return new OutgoingPublish(measurement, message);
        }
        catch (Exception)
        {
            measurement.Dispose();
            throw;
        }
    }
}
