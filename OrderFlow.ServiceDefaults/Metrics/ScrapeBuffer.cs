using System.Buffers.Text;
using System.Globalization;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>A growing piece of UTF-8 text. It keeps its memory from scrape to scrape.</summary>
internal sealed class ScrapeBuffer
{
    private const int LongestNumber = 32;

    private byte[] _bytes = new byte[16 * 1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    public void Write(byte character)
    {
        Room(1)[0] = character;
        _length++;
    }

    public void Write(long number)
    {
        Utf8Formatter.TryFormat(number, Room(LongestNumber), out var written);
        _length += written;
    }

    /// <summary>Writes the shortest text that reads back as the same number.</summary>
    public void Write(double number)
    {
        if (number == Math.Truncate(number) && Math.Abs(number) < 1e15)
        {
            Write((long)number);
        }
        else if (!double.IsFinite(number))
        {
            Write(double.IsNaN(number) ? "NaN"u8 : number > 0 ? "+Inf"u8 : "-Inf"u8);
        }
        else
        {
            number.TryFormat(Room(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
            _length += written;
        }
    }

    /// <summary>Writes a time as seconds since 1970 with three decimals.</summary>
    public void WriteSeconds(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        Write(milliseconds / 1000);
        Write((byte)'.');
        var fraction = milliseconds % 1000;
        Write((byte)('0' + (fraction / 100)));
        Write((byte)('0' + (fraction / 10 % 10)));
        Write((byte)('0' + (fraction % 10)));
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        }

        return _bytes.AsSpan(_length);
    }
}
