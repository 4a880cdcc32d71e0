using OrderFlow.ServiceDefaults.Json;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>A price as JSON writes it, read without rounding.</summary>
internal static class Price
{
    public const decimal Max = 1_000_000m;
    public const int MaxDecimals = 4;
    public const string Rule = "must be a number from 0 to 1,000,000 with at most 4 decimals";

    public static bool TryRead(ReadOnlySpan<byte> number, out decimal price) =>
        JsonNumber.TryReadDecimal(number, MaxDecimals, out price) && price is >= 0 and <= Max;
}
