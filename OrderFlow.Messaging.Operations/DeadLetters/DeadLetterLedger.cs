using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Adds the time as a dead letter to the ledger of a message that is replayed.</summary>
internal static class DeadLetterLedger
{
    /// <param name="properties">The message as it goes back; without an origin it stays as it is.</param>
    /// <param name="deadLetteredAt">Since when it was a dead letter, as far as anybody knows.</param>
    /// <param name="now">When it goes back.</param>
    public static void Continue(BasicProperties properties, DateTimeOffset? deadLetteredAt, ClockReading now)
    {
        var headers = properties.Headers!;
        if (!headers.TryGetValue(HeaderNames.OriginTimestamp, out var began)
            || began is not (long origin and > 0)
            || origin > UnixMicroseconds.Last)
        {
            return;
        }

        var before = headers.TryGetValue(HeaderNames.Stages, out var given) ? given as byte[] : null;
        if (!LedgerText.TryRead(before, out var micros, out var ended))
        {
            (before, micros) = (null, 0);
        }

        if (!ended)
        {
            var until = origin + micros;
            var since = deadLetteredAt is { } at ? Math.Max(until, UnixMicroseconds.From(at)) : until;
            var ledger = since == until
                ? OpenLedger.Continue(before, until, properties.Type, Stage.DeadLetter)
                // The broker itself moved it, or somebody who keeps no ledger.
                : OpenLedger.Continue(before, until, properties.Type, Stage.Unaccounted).Enter(
                    Stage.DeadLetter, new ClockReading(since, null));
            headers[HeaderNames.Stages] = ledger.WriteAt(now);
        }
    }
}
