using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Transport;

namespace OrderFlow.Messaging.Receiving;

/// <summary>Reads a delivery as the message contract says. Whatever comes, the answer is an event or a reason.</summary>
internal sealed class DeliveryDecoder(MessagingWiring wiring)
{
    private const int NoTier = -1;

    public bool TryDecode(Delivery delivery, [NotNullWhen(true)] out ReceivedEvent? received, out Unreadable unreadable)
    {
        received = null;
        var reader = new PropertyReader(delivery.Properties);
        var wireType = delivery.Properties.Type;
        if (string.IsNullOrEmpty(wireType))
        {
            unreadable = new Unreadable(DeadLetterReasons.MissingHeader, "the property type is missing");
            return false;
        }

        if (!wiring.Handled.TryGetValue(wireType, out var route))
        {
            unreadable = new Unreadable(DeadLetterReasons.UnknownType, $"the service handles no event of type '{Shorten(wireType)}'");
            return false;
        }

        var context = new EventContext
        {
            EventId = reader.RequiredGuid(delivery.Properties.MessageId, "message-id"),
            CorrelationId = reader.Required(delivery.Properties.CorrelationId, "correlation-id"),
            OriginTimestampMicros = reader.Integer(HeaderNames.OriginTimestamp, 1, UnixMicroseconds.Last, absent: null),
            Flow = reader.Required(reader.Text(HeaderNames.Flow), HeaderNames.Flow),
            CausationId = reader.OptionalGuid(HeaderNames.CausationId),
            PublishedAtMicros = reader.Integer(HeaderNames.PublishedAt, 0, UnixMicroseconds.Last, absent: 0),
            EventVersion = (int)reader.Integer(HeaderNames.EventVersion, 1, int.MaxValue, absent: 1),
            AggregateId = reader.Text(HeaderNames.AggregateId),
            TenantId = reader.Text(HeaderNames.TenantId),
            UserId = reader.Text(HeaderNames.UserId),
            Attempt = (int)reader.Integer(HeaderNames.Attempt, 1, 1_000_000, absent: 1),
            Replayed = reader.Flag(HeaderNames.Replayed),
        };
        if (wiring.KeepsOrder)
        {
            reader.Required(context.AggregateId, HeaderNames.AggregateId);
        }

        var retryTier = (int)reader.Integer(HeaderNames.RetryTier, 0, 1_000_000, absent: NoTier);
        if (reader.Problem is { } problem)
        {
            unreadable = problem with { Route = route };
            return false;
        }

        if (delivery.Properties.ContentType is { } contentType && contentType != EventEncoder.ContentType)
        {
            unreadable = new Unreadable(DeadLetterReasons.UndecodableBody, $"its content type is '{Shorten(contentType)}', not {EventEncoder.ContentType}", route);
            return false;
        }

        try
        {
            received = new ReceivedEvent(route, context, route.Parse(delivery.Body.Span), retryTier == NoTier ? null : retryTier);
            unreadable = default;
            return true;
        }
        catch (InvalidProtocolBufferException exception)
        {
            unreadable = new Unreadable(DeadLetterReasons.UndecodableBody, exception.Message, route);
            return false;
        }
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}

/// <summary>An event read from a delivery, and the retry tier that it comes from, if any.</summary>
internal sealed record ReceivedEvent(EventRoute Route, EventContext Context, IMessage Body, int? RetryTier = null);

/// <summary>Why a delivery cannot be read, and by whom it would have been handled if that much is known.</summary>
internal readonly record struct Unreadable(string Reason, string Detail, EventRoute? Route = null);
