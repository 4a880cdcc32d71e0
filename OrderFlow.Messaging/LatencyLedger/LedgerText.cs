using System.Buffers;
using System.Buffers.Text;

namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>
/// The header <c>stages</c>: <c>1;accept=812;order.created:broker=640,buffer=15,handling=2210;unaccounted=3;end</c>.
/// A version, then segments: an event and its stages in microseconds, or a stage of the flow itself, and <c>end</c> when the flow is over.
/// </summary>
public static class LedgerText
{
    /// <summary>Most bytes of a header.</summary>
    public const int Longest = 2048;

    /// <summary>What entries may take of it: there is always room for <see cref="StageNames.Other"/> and for the end.</summary>
    public const int LongestEntries = Longest - 32;

    private const int LongestStage = 32;

    private static readonly SearchValues<byte> OfHops = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-"u8);
    private static readonly SearchValues<byte> OfStages = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_"u8);

    /// <summary>What AMQP allows for a wire type.</summary>
    public const int LongestHop = 255;

    public static ReadOnlySpan<byte> Version => "1"u8;

    public static ReadOnlySpan<byte> End => ";end"u8;

    public static ReadOnlySpan<byte> Other => ";other="u8;

    /// <summary>Reads what came; <see langword="false"/> for anything that this version would not write.</summary>
    /// <param name="text">The header.</param>
    /// <param name="micros">The sum of its entries.</param>
    /// <param name="ended">Whether the flow is over.</param>
    /// <param name="entries">Is filled with the entries, if it is there.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out long micros, out bool ended, List<LedgerEntry>? entries = null)
    {
        (micros, ended) = (0, false);
        if (text.Length > Longest || !text.StartsWith(Version))
        {
            return false;
        }

        if (text.EndsWith(End))
        {
            ended = true;
            text = text[..^End.Length];
        }

        if (WithoutOther(text, out _).Length > LongestEntries)
        {
            return false;
        }

        text = text[Version.Length..];
        ReadOnlySpan<byte> hop = default;
        while (!text.IsEmpty)
        {
            if (!TryReadStart(ref text, ref hop)
                || !TryReadEntry(ref text, out var stage, out var value)
                || Math.Abs(micros += value) > UnixMicroseconds.Last)
            {
                return false;
            }

            entries?.Add(new LedgerEntry(hop.IsEmpty ? null : Text(hop), Text(stage), value));
        }

        return true;
    }

    /// <summary>The text without its last segment, if that is what did not fit.</summary>
    public static ReadOnlySpan<byte> WithoutOther(ReadOnlySpan<byte> text, out long other)
    {
        other = 0;
        return text.LastIndexOf((byte)';') is var last and >= 0 && text[last..].StartsWith(Other)
            && Utf8Parser.TryParse(text[(last + Other.Length)..], out other, out var read) && last + Other.Length + read == text.Length
            ? text[..last]
            : text;
    }

    /// <summary>The event that an entry behind the text would belong to; empty for none.</summary>
    public static ReadOnlySpan<byte> LastHop(ReadOnlySpan<byte> text)
    {
        var segment = text[(text.LastIndexOf((byte)';') + 1)..];
        return segment[..Math.Max(0, segment.IndexOf((byte)':'))];
    }

    /// <summary>Whether an event may be named so.</summary>
    public static bool IsHop(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= LongestHop && !name.ContainsAnyExcept(OfHops);

    private static bool TryReadStart(ref ReadOnlySpan<byte> text, ref ReadOnlySpan<byte> hop)
    {
        var mark = text[0];
        text = text[1..];
        if (mark == (byte)',')
        {
            return !hop.IsEmpty;
        }

        hop = default;
        if (text.IndexOfAny(":=;,"u8) is var at and >= 0 && text[at] == (byte)':')
        {
            hop = text[..at];
            text = text[(at + 1)..];
            return mark == (byte)';' && IsHop(hop);
        }

        return mark == (byte)';';
    }

    private static bool TryReadEntry(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> stage, out long value)
    {
        var equals = text.IndexOf((byte)'=');
        stage = equals > 0 ? text[..equals] : default;
        value = 0;
        if (stage.Length is 0 or > LongestStage || stage.ContainsAnyExcept(OfStages))
        {
            return false;
        }

        text = text[(equals + 1)..];
        if (!Utf8Parser.TryParse(text, out value, out var read)
            || text[0] == (byte)'+'
            || value > UnixMicroseconds.Last
            || value < -UnixMicroseconds.Last)
        {
            return false;
        }

        text = text[read..];
        return true;
    }

    private static string Text(ReadOnlySpan<byte> text) => System.Text.Encoding.ASCII.GetString(text);
}
