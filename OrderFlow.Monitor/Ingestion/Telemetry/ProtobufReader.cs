namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Goes through the fields of a protobuf message without making objects of them: most of what is sent is counted and dropped again.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int LengthDelimited = 2;
    private const int Bytes8 = 1;
    private const int Bytes4 = 5;
    private const int VarintBits = 64;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>The number of the field at hand; 0 before the first.</summary>
    public int Field { get; private set; }

    /// <summary>Where its value begins, of a field that has a length.</summary>
    public int ValueAt { get; private set; }

    /// <summary>The value of a field that has a length: text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value of a field that is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public bool Read()
    {
        if (_at >= _message.Length)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        Value = default;
        Number = 0;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case Bytes8:
                Number = BitConverter.ToUInt64(Take(8));
                break;
            case Bytes4:
                Number = BitConverter.ToUInt32(Take(4));
                break;
            case LengthDelimited:
                var length = Varint();
                if (length > (ulong)(_message.Length - _at))
                {
                    throw Truncated();
                }

                ValueAt = _at;
                Value = Take((int)length);
                break;
            default:
                throw new InvalidDataException("A field has a type that protobuf does not know.");
        }

        return Field > 0 ? true : throw new InvalidDataException("A field has the number 0.");
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < VarintBits; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number has more than ten bytes.");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _at)
        {
            throw Truncated();
        }

        var taken = _message.Slice(_at, count);
        _at += count;
        return taken;
    }

    private static InvalidDataException Truncated() => new("The message ends within a field.");
}
