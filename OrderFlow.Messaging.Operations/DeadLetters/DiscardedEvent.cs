using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.LifecycleEvents;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Says that a dead letter was discarded, by whom and why.</summary>
internal static class DiscardedEvent
{
    public static BasicProperties Of(IReadOnlyBasicProperties original, DiscardedLetter letter)
    {
        var properties = LifecycleEventEncoder.Write(
            LifecycleEventNames.Discarded, letter.Service, new ClockReading(UnixMicroseconds.From(letter.At), null), original);
        properties.Headers![HeaderNames.NoticeRun] = letter.RunId.ToString();
        properties.Headers[HeaderNames.NoticeBy] = MessageCopy.Shorten(letter.By);
        properties.Headers[HeaderNames.NoticeReason] = MessageCopy.Shorten(letter.Reason);
        return properties;
    }
}
