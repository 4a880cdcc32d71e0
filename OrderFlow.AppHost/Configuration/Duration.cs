using System.Globalization;

namespace OrderFlow.AppHost.Configuration;

/// <summary>A time as people type it: a number with <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>.</summary>
internal static class Duration
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
            ("h", TimeSpan.FromHours(1))];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (suffix, unit) = Units.FirstOrDefault(known => text.EndsWith(known.Suffix, StringComparison.Ordinal));
        if (suffix is null ||
            !double.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ||
            number > TimeSpan.FromDays(365) / unit)
        {
            return false;
        }

        duration = number * unit;
        return true;
    }
}
