using System.Buffers;
using System.Text;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Receiving;
using OrderFlow.Messaging.Transport;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Handling;

/// <summary>Writes a delivery for the dead-letter queue: as it came, with the reason beside it.</summary>
internal sealed class DeadLetterEncoder(MessagingWiring wiring, TimeProvider time)
{
    private const int LongestText = 1024;

    /// <summary>A header frame must fit the frame size agreed with the broker, 128 KiB by default; some is left for the frame itself.</summary>
    private const int LargestHeaders = 120 * 1024;

    private static readonly CachedString DefaultExchange = new("");
    private readonly CachedString queue = new(wiring.Topology.DeadLetterQueue);

    /// <summary>The message, or why it cannot be written.</summary>
    public (PendingPublish? Message, string? Problem) Encode(Delivery delivery, DeadLetterReason reason)
    {
        var properties = new BasicProperties(delivery.Properties)
        {
            DeliveryMode = DeliveryModes.Persistent,
            Headers = delivery.Properties.Headers is { } headers ? new Dictionary<string, object?>(headers, StringComparer.Ordinal) : [],
        };
        MoveAside(properties);
        AddReason(properties.Headers, reason);
        if (WhyUnwritable(properties) is { } problem)
        {
            return (null, problem);
        }

        var body = ArrayPool<byte>.Shared.Rent(delivery.Body.Length);
        delivery.Body.CopyTo(body);
        return (new PendingPublish(DefaultExchange, queue, requireSubscriber: true, properties, body, delivery.Body.Length), null);
    }

    // What the broker acts on would send the dead letter elsewhere, let it expire, or get the whole channel closed.
    private static void MoveAside(BasicProperties properties)
    {
        var headers = properties.Headers!;
        foreach (var name in new[] { HeaderNames.CarbonCopy, HeaderNames.BlindCarbonCopy })
        {
            if (headers.Remove(name, out var keys))
            {
                headers[HeaderNames.OriginalPrefix + name] = keys;
            }
        }

        if (properties.Expiration is { } expiration)
        {
            headers[HeaderNames.OriginalPrefix + "expiration"] = expiration;
            properties.ClearExpiration();
        }

        if (properties.UserId is { } user)
        {
            headers[HeaderNames.OriginalPrefix + "user-id"] = user;
            properties.ClearUserId();
        }
    }

    private void AddReason(IDictionary<string, object?> headers, DeadLetterReason reason)
    {
        headers[HeaderNames.DeadLetterReason] = reason.Reason;
        headers[HeaderNames.DeadLetterExceptionMessage] = Shorten(reason.Detail);
        headers[HeaderNames.DeadLetterQueue] = wiring.Topology.ServiceQueue;
        headers[HeaderNames.DeadLetteredAt] = UnixMicroseconds.From(time.GetUtcNow());
        headers[HeaderNames.DeadLetterAttempts] = reason.Attempts;
        if (reason.Handler is { } handler)
        {
            headers[HeaderNames.DeadLetterHandler] = handler;
        }

        if (reason.Exception is { } exception)
        {
            headers[HeaderNames.DeadLetterExceptionType] = Shorten(exception.GetType().FullName!);
            headers[HeaderNames.DeadLetterStackHash] = StackHash.Of(exception);
        }
    }

    private static string? WhyUnwritable(BasicProperties properties)
    {
        byte[]? trial = null;
        try
        {
            IAmqpWriteable writeable = properties;
            var size = writeable.GetRequiredBufferSize();
            if (size > LargestHeaders)
            {
                return $"its headers with the reason take {size} bytes";
            }

            // Text that was no UTF-8 grows when it is read, and then may exceed what AMQP allows.
            trial = ArrayPool<byte>.Shared.Rent(size);
            writeable.WriteTo(trial);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or RabbitMQ.Client.Exceptions.WireFormattingException or OverflowException or InvalidOperationException)
        {
            return exception.Message;
        }
        finally
        {
            if (trial is not null)
            {
                ArrayPool<byte>.Shared.Return(trial);
            }
        }
    }

    private static string Shorten(string text) => Encoding.UTF8.GetByteCount(text) <= LongestText ? text : text[..(LongestText / 4)] + "…";
}

/// <summary>Why a delivery becomes a dead letter.</summary>
internal sealed record DeadLetterReason(string Reason, string Detail, string? Handler, int Attempts, Exception? Exception);
