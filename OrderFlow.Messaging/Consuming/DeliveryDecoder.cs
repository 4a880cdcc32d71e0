using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Consuming;

/// <summary>Reads a delivery as the message contract says. Whatever comes, the answer is an event or a reason.</summary>
internal sealed class DeliveryDecoder(MessagingWiring wiring, TimeProvider time)
{
    private const int NoTier = ReceivedEvent.BeforeTheFirstTier - 1;

    public bool TryDecode(Delivery delivery, [NotNullWhen(true)] out ReceivedEvent? received, out Unreadable unreadable)
    {
        received = null;
        if (PackedMessages.IsPacked(delivery.Properties))
        {
            unreadable = new Unreadable(DeadLetterReasons.UndecodableBody, WhyNotUnpacked(delivery.Body));
            return false;
        }

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

        var context = EventContextReader.Read(ref reader, delivery.Properties, publishedAtRequired: false);
        if (wiring.KeepsOrder)
        {
            reader.Required(context.AggregateId, HeaderNames.AggregateId);
        }

        var retryTier = (int)reader.WholeNumber(HeaderNames.RetryTier, ReceivedEvent.BeforeTheFirstTier, 1_000_000, absent: NoTier);
        var rest = reader.WholeNumber(HeaderNames.RetryRest, 0, (long)RetryDelays.Longest.TotalMilliseconds, absent: 0);
        if (reader.Problem is { } problem)
        {
            unreadable = new Unreadable(problem.Reason, problem.Detail, route);
            return false;
        }

        if (route.Schema.WhyUnsupported(context.EventVersion, wiring.Service) is { } unsupported)
        {
            unreadable = new Unreadable(DeadLetterReasons.UnsupportedVersion, unsupported, route);
            return false;
        }

        if (delivery.Properties.ContentType is { } contentType && contentType != EventEncoder.ContentType)
        {
            unreadable = new Unreadable(
                DeadLetterReasons.UndecodableBody,
                $"its content type is '{Shorten(contentType)}', not {EventEncoder.ContentType}",
                route,
                context);
            return false;
        }

        if (!BodyEncoding.TryDecode(delivery.Properties.ContentEncoding, delivery.Body, out var encoded, out var undecodable))
        {
            unreadable = new Unreadable(DeadLetterReasons.UndecodableBody, undecodable, route);
            return false;
        }

        delivery.DecodedLength = encoded.Length;
        try
        {
            var body = route.Read(context.EventVersion, encoded.Span);
            var (ledger, wait) = ArrivedLedger.Continue(delivery, context, retried: retryTier != NoTier, time);
            received = new ReceivedEvent(
                route,
                context with { Stages = ledger },
                body,
                retryTier == NoTier ? null : retryTier,
                wait,
                TimeSpan.FromMilliseconds(rest));
            unreadable = default;
            return true;
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or UpcastException)
        {
            unreadable = new Unreadable(DeadLetterReasons.UndecodableBody, exception.Message, route, context);
            return false;
        }
    }

    private static string WhyNotUnpacked(ReadOnlyMemory<byte> body)
    {
        try
        {
            return PackedMessages.Unpack(body).Count == 0 ? "it carries no messages" : "it carries messages and was not unpacked";
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }
    }

    private static string Shorten(string text) => TextCut.ToUnits(text, 100, "…");
}

/// <summary>An event read from a delivery.</summary>
/// <param name="Route">The way to its handler.</param>
/// <param name="Context">What came with it.</param>
/// <param name="Body">What it says.</param>
/// <param name="RetryTier">The retry tier that it comes from, if any.</param>
/// <param name="WaitMicros">How long it was under way; negative by the clocks of two machines.</param>
/// <param name="Rest">How much longer it must wait in retry tiers before its handler is called.</param>
internal sealed record ReceivedEvent(
    EventRoute Route, EventContext Context, IMessage Body, int? RetryTier = null, long WaitMicros = 0, TimeSpan Rest = default)
{
    /// <summary>The tier of a wait that used up none yet.</summary>
    public const int BeforeTheFirstTier = -1;
}

/// <summary>Why a delivery cannot be read, by whom it would have been handled, and what came with it, if that much is known.</summary>
internal readonly record struct Unreadable(string Reason, string Detail, EventRoute? Route = null, EventContext? Context = null);
