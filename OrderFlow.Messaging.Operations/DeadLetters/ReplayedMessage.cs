using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>A dead letter as it goes back: the same event, marked, its attempts counted anew.</summary>
internal static class ReplayedMessage
{
    private const int LongestHistory = 1024;

    private static readonly string[] Reasons =
    [
        HeaderNames.DeadLetterReason, HeaderNames.DeadLetterExceptionType, HeaderNames.DeadLetterExceptionMessage,
        HeaderNames.DeadLetterAttempts,
        HeaderNames.DeadLetterStackHash, HeaderNames.DeadLetterHandler, HeaderNames.DeadLetterQueue, HeaderNames.DeadLetteredAt,
        HeaderNames.RetryTier, HeaderNames.RetryRest, HeaderNames.RetryHandler, HeaderNames.RetryExceptionType,
        HeaderNames.RetryExceptionMessage,
        HeaderNames.RetryStackHash, HeaderNames.RetryQueuedAt,
    ];

    public static BasicProperties Of(IReadOnlyBasicProperties original, DeadLetter letter, Guid run, ClockReading now)
    {
        var properties = MessageCopy.Of(original);
        var headers = properties.Headers!;
        var history = headers.TryGetValue(HeaderNames.ReplayHistory, out var before) && before is byte[] bytes
            ? $"{letter.ToHistory()}\n{System.Text.Encoding.UTF8.GetString(bytes)}"
            : letter.ToHistory();
        foreach (var name in Reasons)
        {
            headers.Remove(name);
        }

        BrokerHeaders.Remove(headers);
        headers[HeaderNames.Attempt] = 1;
        headers[HeaderNames.Replayed] = true;
        headers[HeaderNames.ReplayRun] = run.ToString();
        headers[HeaderNames.ReplayHistory] = TextCut.ToUnits(history, LongestHistory);
        DeadLetterLedger.Continue(properties, letter.DeadLetteredAt, now);
        return properties;
    }

    /// <summary>Whether this run has sent it back already, and it has failed since.</summary>
    public static bool IsOf(IReadOnlyBasicProperties properties, Guid run) =>
        Guid.TryParse(DeadLetter.Text(properties.Headers, HeaderNames.ReplayRun), out var last) && last == run;
}
