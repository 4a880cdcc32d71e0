using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrderFlow.Messaging.Transport;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Replaying;

/// <summary>What the headers of a dead letter tell; all of it may be missing or garbage.</summary>
internal sealed record DeadLetter(string? MessageId, DeadLetterGroupKey Key, string? EventType, string? ExceptionMessage, DateTimeOffset? DeadLetteredAt, long? Attempts)
{
    private const int LongestPart = 200;

    /// <summary>In place of a reason that nobody gave.</summary>
    private const string Unknown = "unknown";

    public static DeadLetter Read(IReadOnlyBasicProperties properties)
    {
        var headers = properties.Headers ?? new Dictionary<string, object?>(StringComparer.Ordinal);
        var death = LastDeath(headers);
        var key = new DeadLetterGroupKey(
            Text(headers, HeaderNames.DeadLetterHandler),
            Text(headers, HeaderNames.DeadLetterReason) ?? Text(death, "reason") ?? Unknown,
            Text(headers, HeaderNames.DeadLetterExceptionType),
            Text(headers, HeaderNames.DeadLetterStackHash));
        return new DeadLetter(
            properties.MessageId, key, properties.Type is { } type ? Printable(type) : null, Text(headers, HeaderNames.DeadLetterExceptionMessage), At(headers, death),
            headers.TryGetValue(HeaderNames.DeadLetterAttempts, out var attempts) ? Number(attempts) : null);
    }

    /// <summary>One line for the history that a replayed message carries.</summary>
    public string ToHistory()
    {
        var at = DeadLetteredAt?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "at an unknown time";
        return string.Create(CultureInfo.InvariantCulture, $"{at} {Key.Reason} {Key.Handler ?? "-"} {Key.ExceptionType ?? "-"} attempts={Attempts ?? 0}");
    }

    public static string? Text(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out var value) == true
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
        var shortened = text.Length <= LongestPart ? text : text[..LongestPart] + "…";
        return string.Concat(shortened.Select(c => char.IsControl(c) ? ' ' : c));
    }

    private static DateTimeOffset? At(IDictionary<string, object?> headers, IDictionary<string, object?>? death) =>
        headers.TryGetValue(HeaderNames.DeadLetteredAt, out var at) && Number(at) is { } micros && micros > 0 && micros <= UnixMicroseconds.Last
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
        headers.TryGetValue(BrokerHeaders.Death, out var deaths) && deaths is IList { Count: > 0 } list ? list[0] as IDictionary<string, object?> : null;
}

/// <summary>What the dead letters of one cause have in common.</summary>
/// <param name="Handler">The handler that failed, if it came to that.</param>
/// <param name="Reason">One of <c>DeadLetterReasons</c>, or the broker's own word for what it moved itself.</param>
/// <param name="ExceptionType">The type of the last exception.</param>
/// <param name="StackHash">The way of the last exception through the code.</param>
public sealed record DeadLetterGroupKey(string? Handler, string Reason, string? ExceptionType, string? StackHash)
{
    /// <summary>A short name of the group, the same in every run.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Handler}\n{Reason}\n{ExceptionType}\n{StackHash}")).AsSpan(0, 4));
}
