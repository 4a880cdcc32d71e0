using System.Runtime.InteropServices;
using System.Text;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// Several messages in the body of one, for listeners at the wire tap: what costs the broker is the message, not its size. Services' own
/// queues never hold any.
/// </summary>
/// <remarks>
/// The body is the version (one byte, 1), then each message: type, message id, correlation id, app id, content type and content encoding as
/// text, the timestamp (8 bytes, seconds since the Unix epoch), the number of headers and each as its name, its kind (one byte) and its
/// value, then the content as its length and its bytes. Numbers are little-endian, lengths 7 bits a byte with the lowest first, text is its
/// length in bytes and UTF-8; a property that is absent is empty text.
/// </remarks>
public static class PackedMessages
{
    /// <summary>What the property <c>content-type</c> of such a message says.</summary>
    public const string ContentType = "application/vnd.orderflow.packed-messages";

    private const byte Version = 1;

    private enum Kind : byte
    {
        Bytes,
        Int64,
        Int32,
        Boolean,
    }

    /// <summary>Whether a message carries others.</summary>
    public static bool IsPacked(IReadOnlyBasicProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return properties.ContentType == ContentType;
    }

    /// <summary>Whether a message can be packed: its headers are of the kinds that the bus itself writes.</summary>
    public static bool CanPack(IReadOnlyBasicProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return properties.Headers?.Values.All(value => value is byte[] or string or long or int or bool) != false;
    }

    /// <summary>Packs messages.</summary>
    public static byte[] Pack(IEnumerable<(IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body)> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var packed = new MemoryStream(4096);
        using var writer = new BinaryWriter(packed, Encoding.UTF8);
        writer.Write(Version);
        foreach (var (properties, body) in messages)
        {
            foreach (var text in (ReadOnlySpan<string?>)
                [
                    properties.Type, properties.MessageId, properties.CorrelationId, properties.AppId, properties.ContentType,
                    properties.ContentEncoding,
                ])
            {
                writer.Write(text ?? "");
            }

            writer.Write(properties.Timestamp.UnixTime);
            writer.Write7BitEncodedInt(properties.Headers?.Count ?? 0);
            foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
            {
                writer.Write(name);
                Write(writer, value);
            }

            writer.Write7BitEncodedInt(body.Length);
            writer.Write(body.Span);
        }

        writer.Flush();
        return packed.ToArray();
    }

    /// <summary>Unpacks messages; text of headers comes as bytes, as it does from the broker.</summary>
    /// <exception cref="InvalidDataException">It is none that <see cref="Pack"/> makes.</exception>
    public static List<(BasicProperties Properties, byte[] Body)> Unpack(ReadOnlyMemory<byte> packed)
    {
        var messages = new List<(BasicProperties, byte[])>();
        try
        {
            using var reader = new BinaryReader(StreamOf(packed), Encoding.UTF8);
            if (reader.ReadByte() is not Version and var version)
            {
                throw new InvalidDataException($"The packed messages have version {version}, not {Version}.");
            }

            while (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                messages.Add(Read(reader));
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The packed messages cannot be read: {exception.Message}", exception);
        }

        return messages;
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> packed) => MemoryMarshal.TryGetArray(packed, out var segment)
        ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
        : new MemoryStream(packed.ToArray(), writable: false);

    private static (BasicProperties Properties, byte[] Body) Read(BinaryReader reader)
    {
        var properties = new BasicProperties
        {
            Type = Text(reader),
            MessageId = Text(reader),
            CorrelationId = Text(reader),
            AppId = Text(reader),
            ContentType = Text(reader),
            ContentEncoding = Text(reader),
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = new AmqpTimestamp(reader.ReadInt64()),
        };
        var count = Length(reader);
        properties.Headers = new Dictionary<string, object?>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            properties.Headers[reader.ReadString()] = (Kind)reader.ReadByte() switch
            {
                Kind.Bytes => Bytes(reader),
                Kind.Int64 => reader.ReadInt64(),
                Kind.Int32 => reader.ReadInt32(),
                Kind.Boolean => reader.ReadBoolean(),
                var kind => throw new InvalidDataException($"A packed header has the kind {kind}, which is unknown."),
            };
        }

        return (properties, Bytes(reader));
    }

    private static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case long number:
                writer.Write((byte)Kind.Int64);
                writer.Write(number);
                break;
            case int number:
                writer.Write((byte)Kind.Int32);
                writer.Write(number);
                break;
            case bool flag:
                writer.Write((byte)Kind.Boolean);
                writer.Write(flag);
                break;
            case byte[] or string:
                var bytes = value as byte[] ?? Encoding.UTF8.GetBytes((string)value);
                writer.Write((byte)Kind.Bytes);
                writer.Write7BitEncodedInt(bytes.Length);
                writer.Write(bytes);
                break;
            default:
                throw new ArgumentException($"A header of the type {value?.GetType().Name ?? "null"} cannot be packed.", nameof(value));
        }
    }

    private static string? Text(BinaryReader reader) => reader.ReadString() is { Length: > 0 } text ? text : null;

    private static byte[] Bytes(BinaryReader reader)
    {
        var length = Length(reader);
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new InvalidDataException("The packed messages end too early.");
    }

    /// <summary>A length or a number of things, of which none takes less than a byte.</summary>
    private static int Length(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        return length >= 0 && length <= reader.BaseStream.Length - reader.BaseStream.Position
            ? length
            : throw new InvalidDataException($"The packed messages have a length of {length}, and end before that.");
    }
}
