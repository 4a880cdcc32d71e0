namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>
/// From a UCUM unit, as OpenTelemetry instruments carry it, to the words of a Prometheus name:
/// opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics.
/// </summary>
internal static class MetricUnit
{
    /// <summary>The suffix without its underscore, e.g. <c>seconds</c> for <c>s</c>; empty when the unit adds nothing.</summary>
    public static string Suffix(string? unit, FamilyKind kind)
    {
        var (amount, per) = Split(WithoutAnnotations(unit ?? ""));
        var suffix = (Amount(amount, kind), Per(per)) switch
        {
            (var words, "") => words,
            ("", var rate) => $"per_{rate}",
            (var words, var rate) => $"{words}_per_{rate}",
        };
        return MetricName.Sanitize(suffix);
    }

    private static string Amount(string unit, FamilyKind kind) => unit switch
    {
        "1" => kind == FamilyKind.Gauge ? "ratio" : "",
        "%" => "percent",
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KBy" or "kBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tebibytes",
        "m" => "meters",
        "g" => "grams",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "Cel" => "celsius",
        "Hz" => "hertz",
        _ => unit,
    };

    private static string Per(string unit) => unit switch
    {
        "s" => "second",
        "min" => "minute",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => unit,
    };

    private static (string Amount, string Per) Split(string unit)
    {
        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (unit, "") : (unit[..slash] is "1" ? "" : unit[..slash], unit[(slash + 1)..]);
    }

    /// <summary><c>{order}</c> says what is counted, for people; it is no unit.</summary>
    private static string WithoutAnnotations(string unit)
    {
        while (unit.IndexOf('{', StringComparison.Ordinal) is var open and >= 0)
        {
            var close = unit.IndexOf('}', open);
            unit = unit.Remove(open, (close < 0 ? unit.Length : close + 1) - open);
        }

        return unit.Trim();
    }
}
