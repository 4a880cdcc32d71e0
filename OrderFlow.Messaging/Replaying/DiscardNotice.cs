using OrderFlow.Messaging.Accounting;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Noticing;
using OrderFlow.Messaging.Transport;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Replaying;

/// <summary>Says that a dead letter was discarded, by whom and why.</summary>
internal static class DiscardNotice
{
    public static BasicProperties Of(IReadOnlyBasicProperties original, DiscardedLetter letter)
    {
        var properties = NoticeEncoder.Write(NoticeNames.Discarded, letter.Service, new ClockReading(UnixMicroseconds.From(letter.At), null), original);
        properties.Headers![HeaderNames.NoticeRun] = letter.RunId.ToString();
        properties.Headers[HeaderNames.NoticeBy] = CopyEncoder.Shorten(letter.By);
        properties.Headers[HeaderNames.NoticeReason] = CopyEncoder.Shorten(letter.Reason);
        return properties;
    }
}
