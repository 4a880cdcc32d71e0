using System.Globalization;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Text that a person can see: no control or format characters, no line breaks, no broken surrogates, not only blanks.</summary>
internal static class VisibleText
{
    public static bool Is(ReadOnlySpan<char> text)
    {
        var seen = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                if (rune.Value is < 0x20 or 0x7F)
                {
                    return false;
                }

                seen |= rune.Value != ' ';
                continue;
            }

            switch (System.Text.Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned:
                    return false;
                case not UnicodeCategory.SpaceSeparator:
                    seen = true;
                    break;
            }
        }

        return seen;
    }

    /// <summary>Whether all of it is visible ASCII, 0x21 to 0x7E: what may be copied into a header.</summary>
    public static bool IsAscii(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('!', '~');
}
