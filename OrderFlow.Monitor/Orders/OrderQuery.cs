using System.Globalization;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Orders;

/// <summary>What orders are searched for; every part is optional, and all of them must hold.</summary>
internal sealed record OrderQuery(
    string? OrderId, string? UserId, string? Status, double? SlowerThanMs, DateTimeOffset? From, DateTimeOffset? To, int Limit,
    PageKey? After)
{
    /// <summary>An order's, a user's or a flow's id.</summary>
    public string? AnyId { get; init; }

    public string? TenantId { get; init; }

    /// <summary>The least that an ended order took, in milliseconds.</summary>
    public double? MinMs { get; init; }

    /// <summary>What it took less than.</summary>
    public double? MaxMs { get; init; }

    public DateTimeOffset? EndedFrom { get; init; }

    public DateTimeOffset? EndedTo { get; init; }

    private const int DefaultLimit = 50;
    private const int LargestLimit = 500;
    private static readonly string[] Statuses = ["open", "ended", "failed"];

    /// <summary>Reads the query string, or names each parameter that is wrong.</summary>
    public static (OrderQuery? Query, Dictionary<string, string[]> Errors) Read(IQueryCollection parameters)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var query = new OrderQuery(
            Text("order"),
            Text("user"),
            Checked("status", text => Array.IndexOf(Statuses, text) >= 0 ? text : null, $"must be one of {string.Join(", ", Statuses)}"),
            CheckedValue("slowerThanMs", Milliseconds, "must be a number of milliseconds, 0 or more"),
            CheckedValue("from", TimeText.Read, "must be a time such as 2025-11-21T08:00:00Z"),
            CheckedValue("to", TimeText.Read, "must be a time such as 2025-11-21T09:00:00Z"),
            CheckedValue("limit", Number, $"must be a number from 1 to {LargestLimit}") ?? DefaultLimit,
            Checked("after", PageKey.Parse, "must be what a page before said as next"))
        {
            AnyId = Text("q"),
            TenantId = Text("tenant"),
            MinMs = CheckedValue("minMs", Milliseconds, "must be a number of milliseconds, 0 or more"),
            MaxMs = CheckedValue("maxMs", Milliseconds, "must be a number of milliseconds, 0 or more"),
            EndedFrom = CheckedValue("endedFrom", TimeText.Read, "must be a time such as 2025-11-21T08:00:00Z"),
            EndedTo = CheckedValue("endedTo", TimeText.Read, "must be a time such as 2025-11-21T09:00:00Z"),
        };
        return (errors.Count == 0 ? query : null, errors);

        string? Text(string name) =>
            Checked(name, text => text.Contains('\0', StringComparison.Ordinal) ? null : text, "contains a NUL character");

        T? Checked<T>(string name, Func<string, T?> read, string problem)
            where T : class
        {
            if (parameters[name].ToString() is not { Length: > 0 } text)
            {
                return null;
            }

            var value = read(text);
            if (value is null)
            {
                errors[name] = [problem];
            }

            return value;
        }

        T? CheckedValue<T>(string name, Func<string, T?> read, string problem)
            where T : struct => Checked(name, text => read(text) is { } value ? (object)value : null, problem) as T?;
    }

    private static double? Milliseconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 1e12
            ? number
            : null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= LargestLimit
            ? number
            : null;
}
