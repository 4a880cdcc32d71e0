using System.Buffers.Text;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>A price as JSON writes it, read without rounding.</summary>
internal static class Price
{
    public const decimal Max = 1_000_000m;
    public const int MaxDecimals = 4;
    public const string Rule = "must be a number from 0 to 1,000,000 with at most 4 decimals, written without an exponent";

    public static bool TryRead(ReadOnlySpan<byte> number, out decimal price)
    {
        price = 0;

        // Decided on the text: a parsed number has already been rounded when it had more digits than a decimal holds.
        if (number.ContainsAny((byte)'e', (byte)'E'))
        {
            return false;
        }

        var dot = number.IndexOf((byte)'.');
        if (dot >= 0 && number[(dot + 1)..].TrimEnd((byte)'0').Length > MaxDecimals)
        {
            return false;
        }

        return Utf8Parser.TryParse(number, out price, out var used) && used == number.Length && price is >= 0 and <= Max;
    }
}
