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
        // 17 digits always identify a double; fewer are taken as soon as they do.
        for (var digits = 0; digits < 17; digits++)
        {
            var text = bound.ToString($"{(digits == 0 ? "0" : "0." + new string('#', digits))}e+00", CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture).Equals(bound))
            {
                return text;
            }
        }

        return bound.ToString("R", CultureInfo.InvariantCulture);
    }
}
