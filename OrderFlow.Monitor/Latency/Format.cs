using System.Globalization;

namespace OrderFlow.Monitor.Latency;

/// <summary>Durations, counts, rates and shares as people read them.</summary>
internal static class Format
{
    public const string None = "–";

    /// <summary>Milliseconds with three digits that count, in the unit that fits.</summary>
    public static string Ms(double? milliseconds) => milliseconds switch
    {
        null => None,
        < 0 => $"−{Ms(-milliseconds)}",
        < 10 => Text($"{milliseconds:0.0#} ms"),
        < 999.5 => Text($"{milliseconds:0} ms"),
        < 60_000 => Text($"{milliseconds / 1000:0.00} s"),
        < 3_600_000 => Text($"{Math.Floor(milliseconds.Value / 60_000):0} min {milliseconds % 60_000 / 1000:00} s"),
        < 86_400_000 => Text($"{Math.Floor(milliseconds.Value / 3_600_000):0} h {milliseconds % 3_600_000 / 60_000:00} min"),
        _ => Text($"{milliseconds / 86_400_000:0.0} d"),
    };

    /// <summary>Milliseconds to the microsecond, so that parts can be added up.</summary>
    public static string Exact(long micros) => Text($"{micros / 1000m:#,0.000} ms").Replace('-', '−');

    public static string Count(long? count) => count is { } number ? number.ToString("#,0", CultureInfo.InvariantCulture) : None;

    public static string Rate(double perSecond) => perSecond switch
    {
        0 => "0",
        < 0.01 => "< 0.01",
        < 10 => Text($"{perSecond:0.0#}"),
        _ => Text($"{perSecond:#,0.#}"),
    };

    public static string Percent(double share) => share switch
    {
        0 => "0 %",
        < 0.0001 => "< 0.01 %",
        _ => Text($"{share * 100:0.##} %"),
    };

    public static string Plural(long count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
