using System.Diagnostics;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Connections;

/// <summary>
/// The RabbitMQ client makes spans of its own for whoever listens to its activity sources, and writes their context into what is published.
/// It must not write over a message's own <c>traceparent</c>: the consumer's span would hang under a span of the client, which is part of
/// no flow, because events are written to the connection outside the flow that published them.
/// </summary>
internal static class ClientTracing
{
    /// <summary>
    /// Makes the client leave messages alone that carry a trace. Whatever injector is set, also by others later on, is wrapped at the next
    /// connect.
    /// </summary>
    public static void KeepTraceParent()
    {
        if (RabbitMQActivitySource.ContextInjector.Target is not Injector)
        {
            RabbitMQActivitySource.ContextInjector = new Injector(RabbitMQActivitySource.ContextInjector).Inject;
        }
    }

    private sealed class Injector(Action<Activity, IDictionary<string, object?>> inner)
    {
        public void Inject(Activity activity, IDictionary<string, object?> headers)
        {
            if (!headers.ContainsKey(HeaderNames.TraceParent))
            {
                inner(activity, headers);
            }
        }
    }
}
