using System.Globalization;
using System.Text.RegularExpressions;

namespace OrderFlow.Tests.Support.Telemetry;

internal static partial class OpenMetricsNumber
{
    /// <summary>Reads a bound, which must be written as a float: <c>1.0</c>, not <c>1</c>.</summary>
    public static double Bound(string le)
    {
        if (le == "+Inf")
        {
            return double.PositiveInfinity;
        }

        Float().IsMatch(le).ShouldBeTrue($"le=\"{le}\" is no canonical float");
        return double.Parse(le, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^-?(\d+\.\d+|\d(\.\d+)?e[-+]\d{2,3})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Float();
}
