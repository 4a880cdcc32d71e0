using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>What properties and headers say of a dead letter; all of it may be missing or garbage, and long text is cut.</summary>
/// <param name="Id">What selects it: its event id, or for one without, a name made from what it has, the same at every look.</param>
/// <param name="MessageId">Its AMQP message id as it came; an event id, if it is one of OrderFlow's.</param>
/// <param name="Key">Why it is a dead letter.</param>
public sealed record DeadLetter(string Id, string? MessageId, DeadLetterGroupKey Key)
{
    private const int LongestPart = 200;

    /// <summary>In place of a reason that nobody gave.</summary>
    private const string Unknown = "unknown";

    /// <summary>Its wire type.</summary>
    public string? EventType { get; init; }

    /// <summary>What it is about; here the order.</summary>
    public string? AggregateId { get; init; }

    /// <summary>Version of its body's schema; absent when it does not say one, which means 1.</summary>
    public long? EventVersion { get; init; }

    /// <summary>The tenant that it belongs to.</summary>
    public string? TenantId { get; init; }

    /// <summary>The user that it is of.</summary>
    public string? UserId { get; init; }

    /// <summary>What the last exception said, or why it could not be read.</summary>
    public string? ExceptionMessage { get; init; }

    public DateTimeOffset? DeadLetteredAt { get; init; }

    /// <summary>How often its handler was tried, in all deliveries since it was published or sent back last.</summary>
    public long? Attempts { get; init; }

    /// <summary>Whatever is in it, it is a dead letter that can be shown.</summary>
    internal static DeadLetter Read(IReadOnlyBasicProperties properties)
    {
        var headers = properties.Headers ?? new Dictionary<string, object?>(StringComparer.Ordinal);
        var death = LastDeath(headers);
        var key = new DeadLetterGroupKey(
            Text(headers, HeaderNames.DeadLetterHandler),
            Text(headers, HeaderNames.DeadLetterReason) ?? Text(death, "reason") ?? Unknown,
            Text(headers, HeaderNames.DeadLetterExceptionType),
            Text(headers, HeaderNames.DeadLetterStackHash));
        return new DeadLetter(IdOf(properties), properties.MessageId, key)
        {
            EventType = properties.Type is { } type ? Printable(type) : null,
            AggregateId = Text(headers, HeaderNames.AggregateId),
            EventVersion = headers.TryGetValue(HeaderNames.EventVersion, out var version) ? Number(version) : null,
            TenantId = Text(headers, HeaderNames.TenantId),
            UserId = Text(headers, HeaderNames.UserId),
            ExceptionMessage = Text(headers, HeaderNames.DeadLetterExceptionMessage),
            DeadLetteredAt = At(headers, death),
            Attempts = headers.TryGetValue(HeaderNames.DeadLetterAttempts, out var attempts) ? Number(attempts) : null,
        };
    }

    /// <summary>
    /// Its event id; of what has none, a digest of what differs from others: mostly the microsecond in which it became a dead letter.
    /// </summary>
    internal static string IdOf(IReadOnlyBasicProperties properties)
    {
        if (Guid.TryParse(properties.MessageId, out var id))
        {
            return id.ToString();
        }

        var headers = properties.Headers;
        var at = headers?.TryGetValue(HeaderNames.DeadLetteredAt, out var micros) == true ? Number(micros) : null;
        return Digest(
            $"{properties.MessageId}\n{properties.Type}\n{properties.CorrelationId}\n"
            + $"{at}\n{Text(headers, HeaderNames.DeadLetterExceptionMessage)}",
            8);
    }

    internal static string Digest(string text, int bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));

    /// <summary>One line for the history that a replayed message carries.</summary>
    internal string ToHistory()
    {
        var at = DeadLetteredAt?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "at an unknown time";
        return string.Create(
            CultureInfo.InvariantCulture, $"{at} {Key.Reason} {Key.Handler ?? "-"} {Key.ExceptionType ?? "-"} attempts={Attempts ?? 0}");
    }

    internal static string? Text(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out var value) == true
        ? value switch
        {
            byte[] bytes => Printable(Encoding.UTF8.GetString(bytes)),
            string text => Printable(text),
            _ => null,
        }
        : null;

    // What a broken producer put there may not break a terminal.
    private static string Printable(string text)
    {
        var shortened = TextCut.ToUnits(text, LongestPart, "…");
        return string.Concat(shortened.Select(c => char.IsControl(c) ? ' ' : c));
    }

    private static DateTimeOffset? At(IDictionary<string, object?> headers, IDictionary<string, object?>? death) =>
        headers.TryGetValue(HeaderNames.DeadLetteredAt, out var at)
            && Number(at) is { } micros
            && micros > 0
            && micros <= UnixMicroseconds.Last
            ? DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)
            : death?.TryGetValue("time", out var time) == true && time is AmqpTimestamp { UnixTime: > 0 and < 253_402_300_799 } moved
                ? DateTimeOffset.FromUnixTimeSeconds(moved.UnixTime)
                : null;

    private static long? Number(object? value) => value switch
    {
        long number => number,
        int number => number,
        _ => null,
    };

    // The broker's own account, for messages that it moved itself.
    private static IDictionary<string, object?>? LastDeath(IDictionary<string, object?> headers) =>
        headers.TryGetValue(BrokerHeaders.Death, out var deaths) && deaths is IList { Count: > 0 } list
            ? list[0] as IDictionary<string, object?>
            : null;
}

/// <summary>What the dead letters of one cause have in common.</summary>
/// <param name="Handler">The handler that failed, if it came to that.</param>
/// <param name="Reason">One of <c>DeadLetterReasons</c>, or the broker's own word for what it moved itself.</param>
/// <param name="ExceptionType">The type of the last exception.</param>
/// <param name="StackHash">The way of the last exception through the code.</param>
public sealed record DeadLetterGroupKey(string? Handler, string Reason, string? ExceptionType, string? StackHash)
{
    /// <summary>A short name of the group, the same in every run.</summary>
    public string Id => DeadLetter.Digest($"{Handler}\n{Reason}\n{ExceptionType}\n{StackHash}", 4);
}
