using System.Buffers.Binary;
using System.Text;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>Reads <see cref="PackedMessages"/>, whatever comes.</summary>
internal ref struct PackReader
{
    /// <summary>Bytes that a header takes at least: its name and its kind.</summary>
    private const int LeastHeader = 2;

    private readonly ReadOnlySpan<byte> _packed;
    private int _at;

    public PackReader(ReadOnlySpan<byte> packed)
    {
        _packed = packed;
        if (Byte() is not PackedMessages.Version and var version)
        {
            throw new InvalidDataException($"The packed messages have version {version}, not {PackedMessages.Version}.");
        }
    }

    public readonly bool AtEnd => _at == _packed.Length;

    /// <summary>Reads a message but for its body, which is next.</summary>
    /// <param name="before">The message before.</param>
    public BasicProperties ReadProperties(BasicProperties? before)
    {
        var properties = new BasicProperties
        {
            Type = Property(before, before?.Type),
            MessageId = Property(before, before?.MessageId),
            CorrelationId = Property(before, before?.CorrelationId),
            AppId = Property(before, before?.AppId),
            ContentType = Property(before, before?.ContentType),
            ContentEncoding = Property(before, before?.ContentEncoding),
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = new AmqpTimestamp(Int64()),
        };
        var count = Length(LeastHeader);
        var headers = new Dictionary<string, object?>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var number = Byte();
            var name = number == 0 ? Text() : PackedNames.NameOf(number);
            headers[name] = Value(name, before);
        }

        properties.Headers = headers;
        return properties;
    }

    /// <summary>Where the body is.</summary>
    public Range ReadBody()
    {
        var length = Length();
        _at += length;
        return (_at - length).._at;
    }

    private object? Value(string name, BasicProperties? before) => (PackedKind)Byte() switch
    {
        PackedKind.Bytes => Bytes().ToArray(),
        PackedKind.Int64 => Int64(),
        PackedKind.Int32 => BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        PackedKind.Boolean => Byte() != 0,
        PackedKind.Same when before?.Headers!.TryGetValue(name, out var value) == true => value,
        PackedKind.Same => throw new InvalidDataException("A packed header refers to a message before, which does not have it."),
        var kind => throw new InvalidDataException($"A packed header has the kind {kind}, which is unknown."),
    };

    private string? Property(BasicProperties? before, string? same)
    {
        var length = LengthAndOne();
        return length < 0
            ? before is null ? throw new InvalidDataException("The first packed message refers to one before.") : same
            : length == 0 ? null
            : Encoding.UTF8.GetString(Take(length));
    }

    private string Text() => LengthAndOne() is >= 0 and var length
        ? Encoding.UTF8.GetString(Take(length))
        : throw new InvalidDataException("A packed header has no name.");

    private ReadOnlySpan<byte> Bytes() => Take(Length());

    private long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    private byte Byte() => Take(1)[0];

    private int LengthAndOne()
    {
        var length = Number() - 1;
        return length <= _packed.Length - _at ? (int)length : throw TooLong(length);
    }

    /// <summary>A number of things, of which none takes less than some bytes.</summary>
    private int Length(int each = 1)
    {
        var length = Number();
        return length * each <= _packed.Length - _at ? (int)length : throw TooLong(length);
    }

    private static InvalidDataException TooLong(long length) =>
        new($"The packed messages have a length of {length}, and end before that.");

    private long Number()
    {
        var number = 0L;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Byte();
            number |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("The packed messages have a number that does not end.");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _packed.Length - _at)
        {
            throw new InvalidDataException("The packed messages end too early.");
        }

        _at += length;
        return _packed.Slice(_at - length, length);
    }
}
