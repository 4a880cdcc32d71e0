using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Separates events that the database can store from those that it cannot, although they keep the message contract.</summary>
internal static class Unstorable
{
    private const string DataException = "22";
    private const string ProgramLimitExceeded = "54";

    /// <summary>Why the event cannot be stored; <see langword="null"/> when it can.</summary>
    public static string? WhyNot(TappedMessage message, DateOnly firstDay, DateOnly lastDay)
    {
        var context = message.Context!;
        var day = Retention.Day(UnixMicroseconds.ToTime(context.PublishedAtMicros));
        if (day < firstDay || day > lastDay)
        {
            return $"published-at says {day:yyyy-MM-dd}, and only {firstDay:yyyy-MM-dd} to {lastDay:yyyy-MM-dd} is kept; the "
                + "producer's clock may be wrong";
        }

        if (Retention.Day(UnixMicroseconds.ToTime(context.OriginTimestampMicros)) > lastDay)
        {
            return $"origin-timestamp says {UnixMicroseconds.ToTime(context.OriginTimestampMicros):yyyy-MM-dd}, which is to come; "
                + "the producer's clock may be wrong";
        }

        // PostgreSQL's text knows every character but this one.
        return HasNul(message.WireType) || HasNul(message.Source) || HasNul(context.CorrelationId) || HasNul(context.Flow)
            || HasNul(context.AggregateId) || HasNul(context.TenantId) || HasNul(context.UserId)
            ? "a property or header contains a NUL character"
            : null;
    }

    /// <summary>Whether the database, or its driver, refused what was in a row, so that trying again is useless.</summary>
    public static bool IsOfContent(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } =>
            state.StartsWith(DataException, StringComparison.Ordinal) || state.StartsWith(ProgramLimitExceeded, StringComparison.Ordinal),
        // What cannot be encoded or converted, the driver says in .NET's own words.
        _ => exception is ArgumentException or OverflowException or InvalidCastException or FormatException,
    };

    /// <summary>What the database, or its driver, says is wrong.</summary>
    public static string Why(Exception exception) => (exception as PostgresException)?.MessageText ?? exception.Message;

    private static bool HasNul(string? text) => text?.Contains('\0', StringComparison.Ordinal) == true;
}
