using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrderFlow.Monitor.DeadLetters;
using OrderFlow.Monitor.Latency;

namespace OrderFlow.Monitor.Components.Parts;

/// <summary>Money, times and JSON as the pages show them.</summary>
internal static class PageText
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Amounts, currency by currency.</summary>
    public static string Money(IReadOnlyList<CurrencyAmount> amounts) => amounts.Count == 0
        ? Format.None
        : string.Join(" + ", amounts.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Amount:#,0.00} {one.Currency}")));

    public static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A time for an address.</summary>
    public static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    public static string Json(JsonElement json) => JsonSerializer.Serialize(json, Indented);

    /// <summary>A number for a style or an attribute.</summary>
    public static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
