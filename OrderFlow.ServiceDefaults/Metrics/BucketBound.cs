using System.Globalization;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>
/// The upper bound of a bucket in OpenMetrics' canonical form: <c>0.1</c>, <c>1.0</c>, <c>1e+06</c>, <c>+Inf</c>.
/// The text format allows any spelling, so both use this one: a query on <c>le</c> does not depend on how the target was scraped.
/// </summary>
internal static class BucketBound
{
    public static string Canonical(double bound)
    {
        if (!double.IsFinite(bound))
        {
            return double.IsPositiveInfinity(bound) ? "+Inf" : double.IsNegativeInfinity(bound) ? "-Inf" : "NaN";
        }

        // Scientific below 1e-4 and from 1e6 on, as Go's %g, which the standard's examples come from.
        var size = Math.Abs(bound);
        return size is 0 or (>= 1e-4 and < 1e6) ? Plain(bound) : Scientific(bound);
    }

    private static string Plain(double bound)
    {
        var text = bound.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
    }

    private static string Scientific(double bound)
    {
        var text = bound.ToString("R", CultureInfo.InvariantCulture);
        if (text.Contains('E', StringComparison.Ordinal))
        {
            return text.ToLowerInvariant();
        }

        // From 1e6 to 1e15 .NET writes all digits.
        var sign = bound < 0 ? "-" : "";
        var exponent = text.AsSpan(sign.Length).IndexOf('.') is var point and > 0 ? point - 1 : text.Length - sign.Length - 1;
        var digits = text[sign.Length..].Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{sign}{digits[0]}{fraction}e+{exponent:00}";
    }
}
