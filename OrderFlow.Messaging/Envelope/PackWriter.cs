using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Envelope;

/// <summary>The kind of a packed header's value.</summary>
internal enum PackedKind : byte
{
    Bytes,
    Int64,
    Int32,
    Boolean,

    /// <summary>The value that the header has in the message before.</summary>
    Same,
}

/// <summary>Writes <see cref="PackedMessages"/>.</summary>
internal sealed class PackWriter
{
    private readonly ArrayBufferWriter<byte> _target = new(4096);
    private IReadOnlyBasicProperties? _before;

    public PackWriter() => Byte(PackedMessages.Version);

    /// <summary>What is written so far.</summary>
    public ReadOnlyMemory<byte> Written => _target.WrittenMemory;

    public void Write(IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body)
    {
        Text(properties.Type, _before?.Type);
        Text(properties.MessageId, _before?.MessageId);
        Text(properties.CorrelationId, _before?.CorrelationId);
        Text(properties.AppId, _before?.AppId);
        Text(properties.ContentType, _before?.ContentType);
        Text(properties.ContentEncoding, _before?.ContentEncoding);
        Int64(properties.Timestamp.UnixTime);
        Length(properties.Headers?.Count ?? 0);
        if (properties.Headers is { } headers)
        {
            foreach (var (name, value) in headers)
            {
                Header(name, value);
            }
        }

        Bytes(body);
        _before = properties;
    }

    private void Header(string name, object? value)
    {
        var number = PackedNames.NumberOf(name);
        Byte(number);
        if (number == 0)
        {
            Text(name, before: null);
        }

        if (_before?.Headers is { } headers && headers.TryGetValue(name, out var earlier) && Equals(earlier, value))
        {
            Byte((byte)PackedKind.Same);
            return;
        }

        switch (value)
        {
            case long whole:
                Byte((byte)PackedKind.Int64);
                Int64(whole);
                break;
            case int whole:
                Byte((byte)PackedKind.Int32);
                BinaryPrimitives.WriteInt32LittleEndian(_target.GetSpan(4), whole);
                _target.Advance(4);
                break;
            case bool flag:
                Byte((byte)PackedKind.Boolean);
                Byte(flag ? (byte)1 : (byte)0);
                break;
            case byte[] bytes:
                Byte((byte)PackedKind.Bytes);
                Bytes(bytes);
                break;
            case string text:
                Byte((byte)PackedKind.Bytes);
                Utf8(text, plus: 0);
                break;
            default:
                throw new ArgumentException($"A header of the type {value?.GetType().Name ?? "null"} cannot be packed.", nameof(value));
        }
    }

    private void Text(string? text, string? before)
    {
        if (_before is not null && text == before)
        {
            Byte(0);
            return;
        }

        Utf8(text ?? "", plus: 1);
    }

    private void Utf8(string text, int plus)
    {
        Length(Encoding.UTF8.GetByteCount(text) + plus);
        _target.Advance(Encoding.UTF8.GetBytes(text, _target.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        Length(bytes.Length);
        _target.Write(bytes);
    }

    private void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_target.GetSpan(8), value);
        _target.Advance(8);
    }

    private void Length(int length)
    {
        var rest = (uint)length;
        for (; rest > 0x7F; rest >>= 7)
        {
            Byte((byte)(rest | 0x80));
        }

        Byte((byte)rest);
    }

    private void Byte(byte value)
    {
        _target.GetSpan(1)[0] = value;
        _target.Advance(1);
    }
}
