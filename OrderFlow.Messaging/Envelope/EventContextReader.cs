using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>Reads an event's context from the properties and headers of its message.</summary>
public static class EventContextReader
{
    /// <summary>The context; it is complete only if the reader has met no problem.</summary>
    /// <param name="reader">Reads the headers, and remembers the first that is wrong.</param>
    /// <param name="properties">Those of the message.</param>
    /// <param name="publishedAtRequired">Whether a message without the header <c>published-at</c> breaks the contract.</param>
    public static EventContext Read(ref PropertyReader reader, IReadOnlyBasicProperties properties, bool publishedAtRequired)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return new EventContext
        {
            EventId = reader.RequiredGuid(properties.MessageId, "message-id"),
            CorrelationId = reader.Required(properties.CorrelationId, "correlation-id"),
            OriginTimestampMicros = reader.WholeNumber(HeaderNames.OriginTimestamp, 1, UnixMicroseconds.Last, absent: null),
            Flow = reader.Required(reader.Text(HeaderNames.Flow), HeaderNames.Flow),
            CausationId = reader.OptionalGuid(HeaderNames.CausationId),
            PublishedAtMicros = reader.WholeNumber(
                HeaderNames.PublishedAt, publishedAtRequired ? 1 : 0, UnixMicroseconds.Last, absent: publishedAtRequired ? null : 0),
            EventVersion = (int)reader.WholeNumber(HeaderNames.EventVersion, 1, int.MaxValue, absent: 1),
            AggregateId = reader.Text(HeaderNames.AggregateId),
            TenantId = reader.Text(HeaderNames.TenantId),
            UserId = reader.Text(HeaderNames.UserId),
            Attempt = (int)reader.WholeNumber(HeaderNames.Attempt, 1, 1_000_000, absent: 1),
            Replayed = reader.Flag(HeaderNames.Replayed),
            FlowAttempt = reader.FlowAttempt(HeaderNames.FlowAttempt),
        };
    }
}
