using System.Buffers;
using System.Text;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// Cuts text to a length without cutting a character in two: half of a surrogate pair, or a part of a UTF-8 sequence, is no text any more,
/// and whoever has to encode it afterwards (PostgreSQL's driver, a JSON writer) refuses it or writes another character.
/// </summary>
public static class TextCut
{
    /// <summary>At most <paramref name="longest"/> UTF-16 units, as <see cref="string.Length"/> counts them.</summary>
    /// <param name="text">What may be too long.</param>
    /// <param name="longest">Units that are kept.</param>
    /// <param name="mark">Put behind what was cut, on top of <paramref name="longest"/>.</param>
    public static string ToUnits(string text, int longest, string mark = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= longest)
        {
            return text;
        }

        var end = longest > 0 && char.IsSurrogatePair(text[longest - 1], text[longest]) ? longest - 1 : longest;
        return string.Concat(text.AsSpan(0, end), mark);
    }

    /// <summary>At most <paramref name="longest"/> bytes of UTF-8, <paramref name="mark"/> included when something is cut.</summary>
    /// <param name="text">What may be too long.</param>
    /// <param name="longest">Bytes that are kept; no fewer than the mark has.</param>
    /// <param name="mark">Put behind what was cut.</param>
    public static string ToBytes(string text, int longest, string mark = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        // No unit takes more than three bytes: most text needs no counting.
        if (text.Length * 3L <= longest || Encoding.UTF8.GetByteCount(text) <= longest)
        {
            return text;
        }

        var left = longest - Encoding.UTF8.GetByteCount(mark);
        var end = 0;
        while (end < text.Length)
        {
            // Half of a pair is encoded as U+FFFD, which has as many bytes as this says.
            Rune.DecodeFromUtf16(text.AsSpan(end), out var rune, out var units);
            left -= rune.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            end += units;
        }

        return string.Concat(text.AsSpan(0, end), mark);
    }

    /// <summary>The text of at most the first <paramref name="longest"/> bytes of UTF-8; what is none becomes U+FFFD.</summary>
    public static string FromBytes(ReadOnlySpan<byte> utf8, int longest)
    {
        if (utf8.Length > longest)
        {
            var end = longest;
            // A sequence has at most three bytes that continue it; more of them are no UTF-8 anyway.
            while (end > 0 && end > longest - 3 && (utf8[end] & 0xC0) == 0x80)
            {
                end--;
            }

            utf8 = utf8[..end];
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>The first character of <paramref name="text"/>: a surrogate pair, or one unit.</summary>
    public static ReadOnlySpan<char> First(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out _, out var units);
        return text[..units];
    }

    /// <summary>
    /// The text as every store and encoder takes it: half of a surrogate pair becomes U+FFFD, and NUL, which PostgreSQL's text does not
    /// know, becomes <paramref name="nul"/>. Text that has neither is returned as it is.
    /// </summary>
    public static string Storable(string text, string nul = "\uFFFD")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsWellFormed(text))
        {
            return text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", nul, StringComparison.Ordinal) : text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean = rune.Value == 0 ? clean.Append(nul) : clean.Append(rune);
        }

        return clean.ToString();
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0; at = text.IndexOfAnyInRange('\uD800', '\uDFFF'))
        {
            if (Rune.DecodeFromUtf16(text[at..], out _, out var units) != OperationStatus.Done)
            {
                return false;
            }

            text = text[(at + units)..];
        }

        return true;
    }
}
