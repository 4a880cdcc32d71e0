using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// What is common to the messages that came in one: the broker settles them together, so each is settled here until all are. When one is
/// kept, all come again, and the inbox of the service knows those that are handled.
/// </summary>
internal sealed class DeliveredPack(int messages)
{
    private int _open = messages;
    private int _rejected;

    /// <summary>
    /// Unpacks a message; <see langword="false"/> when it is none that carries others, or cannot be read, and is to be taken as it is.
    /// </summary>
    public static bool TryUnpack(
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        out List<(BasicProperties Properties, ReadOnlyMemory<byte> Body)> messages)
    {
        messages = [];
        if (!PackedMessages.IsPacked(properties))
        {
            return false;
        }

        try
        {
            messages = PackedMessages.Unpack(body);
        }
        catch (InvalidDataException)
        {
            // Its decoder reads it again, and says why it is a dead letter.
            return false;
        }

        foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            if (name != HeaderNames.PackedMessages)
            {
                // What the broker says of all of them.
                messages.ForEach(message => message.Properties.Headers![name] = value);
            }
        }

        return messages.Count > 0;
    }

    /// <summary>Settles one of them.</summary>
    /// <returns>How to settle all of them, once it is the last; <see langword="null"/> before.</returns>
    public Settlement? Settle(Settlement settlement)
    {
        if (settlement is Settlement.Keep or Settlement.Later)
        {
            return null;
        }

        if (settlement == Settlement.Reject)
        {
            Volatile.Write(ref _rejected, 1);
        }

        return Interlocked.Decrement(ref _open) > 0 ? null
            : Volatile.Read(ref _rejected) == 1 ? Settlement.Reject
            : Settlement.Acknowledge;
    }
}
