using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// Several messages in the body of one: what costs the broker, and the services, is the message, not its size. Events of one type that are
/// published together travel so, to the services that handle them and to listeners at the wire tap; everything that waits for a retry or
/// for an operator is a message of its own.
/// </summary>
/// <remarks>
/// The body is the version (one byte, 1), then each message: type, message id, correlation id, app id, content type and content encoding as
/// text, the timestamp (8 bytes, seconds since the Unix epoch), the number of headers and each as its name, its kind (one byte) and its
/// value, then the content as its length and its bytes. Numbers are little-endian, lengths 7 bits a byte with the lowest first. A text is
/// its length in bytes and one, and UTF-8; 0 is the text of the message before. A property that is absent is empty text. A name is a byte
/// that says which of <see cref="PackedNames"/>, or 0 and a text.
/// </remarks>
public static class PackedMessages
{
    /// <summary>What the property <c>content-type</c> of such a message says.</summary>
    public const string ContentType = "application/vnd.orderflow.packed-messages";

    /// <summary>Messages that one carries at most.</summary>
    public const int Most = 1000;

    internal const byte Version = 1;

    private static readonly Dictionary<string, object?> NoHeaders = [];

    /// <summary>Whether a message carries others.</summary>
    public static bool IsPacked(IReadOnlyBasicProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return properties.ContentType == ContentType;
    }

    /// <summary>Whether a message can be packed: it has nothing but what the bus itself writes.</summary>
    public static bool CanPack(IReadOnlyBasicProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        if (properties.IsExpirationPresent() || properties.IsReplyToPresent() || properties.IsUserIdPresent()
            || properties.IsPriorityPresent() || IsPacked(properties))
        {
            return false;
        }

        foreach (var (_, value) in properties.Headers ?? NoHeaders)
        {
            if (value is not (byte[] or string or long or int or bool))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Packs messages.</summary>
    public static ReadOnlyMemory<byte> Pack(IEnumerable<(IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body)> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var writer = new PackWriter();
        foreach (var (properties, body) in messages)
        {
            writer.Write(properties, body.Span);
        }

        return writer.Written;
    }

    /// <summary>The messages that a message carries, or itself when it carries none.</summary>
    /// <exception cref="InvalidDataException">It says that it carries others, and cannot be read.</exception>
    public static IReadOnlyList<(IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body)> In(
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body) => IsPacked(properties)
        ? Unpack(body).ConvertAll(message => ((IReadOnlyBasicProperties)message.Properties, message.Body))
        : [(properties, body)];

    /// <summary>
    /// Unpacks messages; text of headers comes as bytes, as it does from the broker, and bodies are parts of what is given.
    /// </summary>
    /// <exception cref="InvalidDataException">It is none that <see cref="Pack"/> makes.</exception>
    public static List<(BasicProperties Properties, ReadOnlyMemory<byte> Body)> Unpack(ReadOnlyMemory<byte> packed)
    {
        var messages = new List<(BasicProperties, ReadOnlyMemory<byte>)>();
        var reader = new PackReader(packed.Span);
        BasicProperties? before = null;
        while (!reader.AtEnd)
        {
            if (messages.Count == Most)
            {
                throw new InvalidDataException($"There are more than {Most} packed messages.");
            }

            before = reader.ReadProperties(before);
            messages.Add((before, packed[reader.ReadBody()]));
        }

        return messages;
    }
}
