using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrderFlow.Messaging.Configuration;

/// <summary>
/// Delays of the retry tiers as one writes them: <c>200ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>, several with commas between.
/// </summary>
public static class RetryDelays
{
    public const int Most = 10;
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly (string Unit, long Milliseconds)[] Units = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

    /// <summary>Reads a list; empty text is an empty list.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<TimeSpan>? delays)
    {
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var all = parts.Select(ParseOne).ToList();
        delays = all.Count <= Most && all.TrueForAll(delay => delay is not null && IsValid(delay.Value))
            ? [.. all.Select(delay => delay!.Value)]
            : null;
        return delays is not null;
    }

    public static bool IsValid(TimeSpan delay) => delay >= Shortest && delay <= Longest && delay.Ticks % TimeSpan.TicksPerMillisecond == 0;

    /// <summary>The delay in the largest unit that says it exactly, as it stands in a queue's name.</summary>
    public static string Name(TimeSpan delay)
    {
        var milliseconds = (long)delay.TotalMilliseconds;
        var (unit, size) = Units.First(unit => milliseconds % unit.Milliseconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{unit}");
    }

    private static TimeSpan? ParseOne(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits > 0
            && int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && Units.FirstOrDefault(unit => unit.Unit == text[digits..]) is { Milliseconds: > 0 } found
            ? TimeSpan.FromMilliseconds(number * found.Milliseconds)
            : null;
    }
}
