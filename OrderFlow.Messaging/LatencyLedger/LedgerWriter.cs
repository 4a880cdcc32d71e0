using System.Buffers.Text;
using System.Text;

namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>Continues a header: the bytes that came, and behind them what is added. What does not fit is summed up.</summary>
internal ref struct LedgerWriter
{
    private readonly Span<byte> _buffer;
    private ReadOnlySpan<byte> _lastHop;
    private int _length;
    private long _other;

    /// <param name="buffer">Of <see cref="LedgerText.Longest"/> bytes.</param>
    /// <param name="before">A text that can be read and has no end; empty for none.</param>
    public LedgerWriter(Span<byte> buffer, ReadOnlySpan<byte> before)
    {
        _buffer = buffer;
        var kept = before.IsEmpty ? LedgerText.Version : LedgerText.WithoutOther(before, out _other);
        kept.CopyTo(buffer);
        _length = kept.Length;
        _lastHop = LedgerText.LastHop(buffer[.._length]);
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="hop">The event that spent the time; anything that is no wire type for none.</param>
    /// <param name="stage">On what.</param>
    /// <param name="micros">How long.</param>
    public void Add(ReadOnlySpan<char> hop, ReadOnlySpan<char> stage, long micros)
    {
        Span<byte> name = stackalloc byte[LedgerText.LongestHop];
        name = Encoding.UTF8.TryGetBytes(hop, name, out var named) && LedgerText.IsHop(name[..named]) ? name[..named] : [];
        var continues = !name.IsEmpty && _lastHop.SequenceEqual(name);
        var left = _buffer[_length..LedgerText.LongestEntries];
        var start = continues || name.IsEmpty ? 1 : name.Length + 2;
        if (start + stage.Length + 1 >= left.Length || !Utf8Formatter.TryFormat(micros, left[(start + stage.Length + 1)..], out var digits))
        {
            _other += micros;
            return;
        }

        left[0] = continues ? (byte)',' : (byte)';';
        if (!continues)
        {
            name.CopyTo(left[1..]);
            _lastHop = left.Slice(1, name.Length);
            if (!name.IsEmpty)
            {
                left[start - 1] = (byte)':';
            }
        }

        Encoding.UTF8.GetBytes(stage, left[start..]);
        left[start + stage.Length] = (byte)'=';
        _length += start + stage.Length + 1 + digits;
    }

    public readonly byte[] ToArray(bool ended = false)
    {
        var size = _length;
        if (_other != 0)
        {
            LedgerText.Other.CopyTo(_buffer[size..]);
            size += LedgerText.Other.Length;
            Utf8Formatter.TryFormat(_other, _buffer[size..], out var digits);
            size += digits;
        }

        if (ended)
        {
            LedgerText.End.CopyTo(_buffer[size..]);
            size += LedgerText.End.Length;
        }

        return _buffer[..size].ToArray();
    }
}
