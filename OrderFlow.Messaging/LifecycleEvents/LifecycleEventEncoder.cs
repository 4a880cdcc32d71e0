using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.LifecycleEvents;

/// <summary>Writes the properties of a notice: those of the message that it is about, and what became of it.</summary>
public static class LifecycleEventEncoder
{
    public static BasicProperties Write(string kind, string service, ClockReading at, IReadOnlyBasicProperties about)
    {
        var properties = MessageCopy.Of(about);
        // It has no body of its own.
        properties.ClearContentEncoding();
        var headers = properties.Headers!;
        headers[HeaderNames.Notice] = kind;
        headers[HeaderNames.NoticeService] = service;
        headers[HeaderNames.NoticeAt] = at.Micros;
        return properties;
    }
}
