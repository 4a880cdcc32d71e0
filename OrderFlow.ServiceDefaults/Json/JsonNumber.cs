using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrderFlow.ServiceDefaults.Json;

/// <summary>
/// A number by its value, however it is written: <c>2</c>, <c>2.0</c>, <c>2e0</c> and <c>20e-1</c> are one number (RFC 8259, 6), and an
/// integer in the sense of JSON Schema. It is decided on the text, without rounding, and an exponent of any size costs no more than its
/// digits.
/// </summary>
public static class JsonNumber
{
    /// <summary>A decimal holds any number of so many digits.</summary>
    private const int MostDigits = 28;

    /// <summary>
    /// Where exponents stop to grow: far beyond every number that is taken, and what a text of any length could move it by.
    /// </summary>
    private const int FarthestExponent = 1_000_000_000;

    /// <summary>Reads a number that has no more than so many decimals and fits a decimal.</summary>
    /// <param name="number">A number as JSON writes it, such as <see cref="Utf8JsonReader.ValueSpan"/>.</param>
    /// <param name="maxDecimals">Decimals that it may have; zeros at the end are none.</param>
    /// <param name="value">The number.</param>
    public static bool TryReadDecimal(ReadOnlySpan<byte> number, int maxDecimals, out decimal value)
    {
        value = 0;
        var isNegative = number.StartsWith("-"u8);
        var mark = number.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = number[(isNegative ? 1 : 0)..(mark < 0 ? number.Length : mark)];
        var dot = mantissa.IndexOf((byte)'.');
        var whole = mantissa[..(dot < 0 ? mantissa.Length : dot)];
        var fraction = (dot < 0 ? default : mantissa[(dot + 1)..]).TrimEnd((byte)'0');
        if (mantissa.IsEmpty || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !TryReadExponent(mark < 0 ? default : number[(mark + 1)..], out var exponent))
        {
            return false;
        }

        // 0.05 is 5 and two decimals, 500 is 5 and two zeros.
        Span<byte> digits = stackalloc byte[MostDigits + 1];
        whole = whole.TrimStart((byte)'0');
        if (fraction.IsEmpty)
        {
            var shorter = whole.TrimEnd((byte)'0');
            exponent += whole.Length - shorter.Length;
            whole = shorter;
        }

        exponent -= fraction.Length;
        if (whole.IsEmpty)
        {
            fraction = fraction.TrimStart((byte)'0');
        }

        var count = whole.Length + fraction.Length;
        if (count == 0)
        {
            return true;
        }

        if (count > MostDigits || -exponent > maxDecimals || count + Math.Max(exponent, 0) > MostDigits)
        {
            return false;
        }

        whole.CopyTo(digits);
        fraction.CopyTo(digits[whole.Length..]);
        digits[count..].Fill((byte)'0');
        count += (int)Math.Max(exponent, 0);
        if (!Utf8Parser.TryParse(digits[..count], out decimal unsigned, out _))
        {
            return false;
        }

        for (; exponent < 0; exponent++)
        {
            unsigned /= 10;
        }

        value = isNegative ? -unsigned : unsigned;
        return true;
    }

    /// <summary>Reads a number without a fraction that fits 64 bits.</summary>
    public static bool TryReadInteger(ReadOnlySpan<byte> number, out long value)
    {
        var fits = TryReadDecimal(number, maxDecimals: 0, out var exact) && exact is >= long.MinValue and <= long.MaxValue;
        value = fits ? (long)exact : 0;
        return fits;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        var isNegative = text.StartsWith("-"u8);
        var digits = text[(isNegative || text.StartsWith("+"u8) ? 1 : 0)..];
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            exponent = Math.Min((exponent * 10) + digit - '0', FarthestExponent);
        }

        exponent = isNegative ? -exponent : exponent;
        return true;
    }
}

/// <summary>Reads every integer of a body as <see cref="JsonNumber"/> does.</summary>
public sealed class IntegerConverter : JsonConverter<int>
{
    /// <inheritdoc/>
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var mayBeText = options.NumberHandling.HasFlag(JsonNumberHandling.AllowReadingFromString);
        if (reader.TokenType != JsonTokenType.Number && !(mayBeText && reader.TokenType == JsonTokenType.String))
        {
            throw new JsonException("An integer is expected.");
        }

        Span<byte> copy = stackalloc byte[256];
        scoped ReadOnlySpan<byte> number = reader.ValueSpan;
        if (reader.HasValueSequence)
        {
            // In two pieces of the input. No integer is so long by need.
            if (reader.ValueSequence.Length > copy.Length)
            {
                throw new JsonException("The number is written with too many digits.");
            }

            System.Buffers.BuffersExtensions.CopyTo(reader.ValueSequence, copy);
            number = copy[..(int)reader.ValueSequence.Length];
        }

        return JsonNumber.TryReadInteger(number, out var value) && value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new JsonException($"An integer from {int.MinValue} to {int.MaxValue} is expected.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
