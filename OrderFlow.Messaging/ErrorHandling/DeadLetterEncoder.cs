using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>Writes a delivery for the dead-letter queue: as it came, with the reason beside it.</summary>
internal sealed class DeadLetterEncoder(MessagingWiring wiring, TimeProvider time)
{
    /// <summary>The message, or why it cannot be written.</summary>
    public (PendingPublish? Message, string? Problem) Encode(Delivery delivery, DeadLetterReason reason) =>
        CopyEncoder.Encode(delivery, wiring.Topology.DeadLetterQueue, properties => AddReason(properties.Headers!, delivery.Queue, reason));

    private void AddReason(IDictionary<string, object?> headers, string queue, DeadLetterReason reason)
    {
        var now = ClockReading.Now(time);
        headers[HeaderNames.DeadLetterReason] = reason.Reason;
        headers[HeaderNames.DeadLetterExceptionMessage] = MessageCopy.Shorten(reason.Detail);
        headers[HeaderNames.DeadLetterQueue] = queue;
        headers[HeaderNames.DeadLetteredAt] = now.Micros;
        headers[HeaderNames.DeadLetterAttempts] = reason.Attempts;
        if (reason.Ledger is { } ledger)
        {
            headers[HeaderNames.Stages] = ledger.WriteAt(now);
        }

        if (reason.Handler is { } handler)
        {
            headers[HeaderNames.DeadLetterHandler] = handler;
        }

        if (reason.Exception is { } exception)
        {
            headers[HeaderNames.DeadLetterExceptionType] = MessageCopy.Shorten(exception.GetType().FullName!);
            headers[HeaderNames.DeadLetterStackHash] = StackHash.Of(exception);
        }
    }
}

/// <summary>Why a delivery becomes a dead letter.</summary>
internal sealed record DeadLetterReason(
    string Reason, string Detail, string? Handler, int Attempts, Exception? Exception, OpenLedger? Ledger = null);
