using System.Text;
using System.Text.Json;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Reads one field's value and says what is wrong with it, never throwing for a value of the wrong kind.</summary>
internal static class JsonFields
{
    private const int MaxShownDigits = 24;

    /// <summary>The value as text, or <see langword="null"/> with an error added when it is not fit.</summary>
    public static string? ReadText(ref Utf8JsonReader json, FieldPath field, int maxLength, OrderErrors errors)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            errors.Add(field, $"must be a string; it is {Kind(ref json)}");
            json.Skip();
            return null;
        }

        // An escape is longer than what it stands for, and no character needs more than six bytes: a cheap first bound.
        if (json.ValueSpan.Length > maxLength * 6 || !TryGetString(ref json, out var text) || text.Length > maxLength)
        {
            errors.Add(field, $"must be text of 1 to {maxLength} characters");
            return null;
        }

        if (text.Length == 0)
        {
            errors.Add(field, "must not be empty");
            return null;
        }

        if (!VisibleText.Is(text))
        {
            errors.Add(
                field, "must be visible text: without control characters, line breaks or invisible characters, and not only blanks");
            return null;
        }

        return text;
    }

    /// <summary>Whether the property is the one named.</summary>
    public static bool NameIs(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        try
        {
            return json.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: no field is named so.
            return false;
        }
    }

    public static string Kind(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Number => "a number",
        JsonTokenType.String => "a string",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };

    /// <summary>A number as the client wrote it, cut to a length that can be shown.</summary>
    public static string Shown(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.Number
        ? json.ValueSpan.Length <= MaxShownDigits
            ? Encoding.ASCII.GetString(json.ValueSpan)
            : $"{Encoding.ASCII.GetString(json.ValueSpan[..MaxShownDigits])}…"
        : Kind(ref json);

    private static bool TryGetString(ref Utf8JsonReader json, out string text)
    {
        try
        {
            text = json.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: valid JSON, but no text.
            text = "";
            return false;
        }
    }
}
