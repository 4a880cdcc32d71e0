using System.Globalization;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Traces;

/// <summary>What traces are searched for; every part is optional, and all of them must hold.</summary>
/// <param name="Id">One trace.</param>
/// <param name="Service">A service that takes part.</param>
/// <param name="Operation">The name of a span in it; of that service, if one is given.</param>
/// <param name="MinMs">The least that the whole took, in milliseconds.</param>
/// <param name="Errors">Only those with a span that failed.</param>
/// <param name="From">Began then or later.</param>
/// <param name="To">Began before.</param>
/// <param name="Limit">How many a page has.</param>
/// <param name="After">The last trace of the page before.</param>
internal sealed record TraceQuery(
    string? Id, string? Service, string? Operation, double? MinMs, bool Errors, DateTimeOffset? From, DateTimeOffset? To, int Limit,
    TraceKey? After)
{
    private const int DefaultLimit = 50;
    private const int LargestLimit = 500;

    /// <summary>Reads the query string, or names each parameter that is wrong.</summary>
    public static (TraceQuery? Query, Dictionary<string, string[]> Errors) Read(IQueryCollection parameters)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var query = new TraceQuery(
            Text("trace")?.Trim().ToLowerInvariant(),
            Text("service")?.Trim(),
            Text("operation")?.Trim(),
            Value<double>(
                "minMs",
                (string text, out double ms) =>
                    double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out ms) && ms is >= 0 and < 1e12,
                "must be a number of milliseconds, 0 or more"),
            Value<bool>("errors", bool.TryParse, "must be true or false") ?? false,
            Value<DateTimeOffset>("from", Time, "must be a time such as 2025-11-21T08:00:00Z"),
            Value<DateTimeOffset>("to", Time, "must be a time such as 2025-11-21T09:00:00Z"),
            Value<int>(
                "limit",
                (string text, out int limit) =>
                    int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= LargestLimit,
                $"must be a number from 1 to {LargestLimit}")
                ?? DefaultLimit,
            Value<TraceKey>("after", TraceKey.TryParse, "must be what a page before said as next"));
        if (query.Id is { } id && TraceId.Parse(id) is null)
        {
            errors["trace"] = ["must be a trace id: 32 hexadecimal digits"];
        }

        return (errors.Count == 0 ? query : null, errors);

        string? Text(string name)
        {
            var text = parameters[name].ToString();
            if (text.Contains('\0', StringComparison.Ordinal))
            {
                errors[name] = ["contains a NUL character"];
            }

            return text.Length == 0 ? null : text;
        }

        T? Value<T>(string name, TryRead<T> read, string problem)
            where T : struct
        {
            if (parameters[name].ToString() is not { Length: > 0 } text)
            {
                return null;
            }

            if (read(text, out var value))
            {
                return value;
            }

            errors[name] = [problem];
            return null;
        }
    }

    private static bool Time(string text, out DateTimeOffset time)
    {
        var read = TimeText.Read(text);
        time = read ?? default;
        return read is not null;
    }

    private delegate bool TryRead<T>(string text, out T value);
}

/// <summary>The last trace of a page: the next page begins after it, whatever was added meanwhile.</summary>
internal readonly record struct TraceKey(DateTimeOffset StartedAt, string TraceIdHex)
{
    public static bool TryParse(string text, out TraceKey key)
    {
        key = default;
        if (text.Split('-') is not [var ticks, var id] || TraceId.Parse(id) is null
            || !long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at > DateTimeOffset.MaxValue.UtcTicks)
        {
            return false;
        }

        key = new TraceKey(new DateTimeOffset(at, TimeSpan.Zero), id);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{StartedAt.UtcTicks}-{TraceIdHex}");
}
