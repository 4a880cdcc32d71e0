using System.Buffers;
using System.Globalization;

namespace OrderFlow.Cli.CommandLine;

/// <summary>Durations as people type them: <c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1h</c>, also with decimals (<c>1.5m</c>).</summary>
internal static class Durations
{
    private static readonly SearchValues<char> Number = SearchValues.Create("0123456789.");
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        var trimmed = text.AsSpan().Trim();
        var digits = trimmed.IndexOfAnyExcept(Number);
        duration = TimeSpan.Zero;
        if (digits < 1
            || !double.TryParse(trimmed[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = trimmed[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            _ => TimeSpan.Zero,
        };
        if (unit == TimeSpan.Zero || number * unit.TotalSeconds > Longest.TotalSeconds)
        {
            return false;
        }

        duration = number * unit;
        return duration > TimeSpan.Zero;
    }

    /// <summary>The duration that a checked text says.</summary>
    /// <exception cref="FormatException">It is no duration.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var duration) ? duration : throw new FormatException($"'{text}' is no duration such as 500ms, 30s, 2m or 1h.");

    /// <summary>A duration for people, with three significant digits.</summary>
    public static string Show(TimeSpan duration) => duration.TotalSeconds switch
    {
        >= 600 => $"{duration.TotalMinutes:0.0} min",
        >= 10 => $"{duration.TotalSeconds:0.0} s",
        >= 1 => $"{duration.TotalSeconds:0.00} s",
        >= 0.1 => $"{duration.TotalMilliseconds:0} ms",
        >= 0.01 => $"{duration.TotalMilliseconds:0.0} ms",
        _ => $"{duration.TotalMilliseconds:0.00} ms",
    };
}
