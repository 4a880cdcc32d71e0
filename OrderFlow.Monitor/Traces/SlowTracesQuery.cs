using System.Globalization;

namespace OrderFlow.Monitor.Traces;

/// <summary>Which traces are compared.</summary>
/// <param name="Minutes">Of how many minutes, ending now.</param>
/// <param name="Service">The service of their first span, if that matters.</param>
/// <param name="Operation">The name of their first span, if that matters. Of several flows that fit, it is the one whose traces took the
/// most time together.</param>
/// <param name="SlowerThanMs">From when on they are slow, in milliseconds; without it, the slowest 5 %.</param>
internal sealed record SlowTracesQuery(int Minutes, string? Service, string? Operation, double? SlowerThanMs)
{
    public const int DefaultMinutes = 15;

    public bool Fits(TracedFlow flow) => (Service ?? flow.Service) == flow.Service && (Operation ?? flow.Operation) == flow.Operation;

    /// <summary>Reads the query string, or names each parameter that is wrong.</summary>
    public static (SlowTracesQuery? Query, Dictionary<string, string[]> Errors) Read(IQueryCollection parameters)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var minutes = DefaultMinutes;
        if (Text("minutes") is { } asked
            && (
                !int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out minutes)
                    || minutes is < 1 or > TracesSetup.MostMinutes))
        {
            errors["minutes"] = [$"must be a number from 1 to {TracesSetup.MostMinutes}"];
        }

        double? slowerThan = null;
        if (Text("slowerThanMs") is { } limit)
        {
            slowerThan = double.TryParse(limit, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) && ms is > 0 and < 1e12
                ? ms
                : null;
            if (slowerThan is null)
            {
                errors["slowerThanMs"] = ["must be a number of milliseconds, more than 0"];
            }
        }

        var query = new SlowTracesQuery(minutes, Text("service"), Text("operation"), slowerThan);
        return (errors.Count == 0 ? query : null, errors);

        string? Text(string name)
        {
            var text = parameters[name].ToString().Trim();
            if (text.Contains('\0', StringComparison.Ordinal))
            {
                errors[name] = ["contains a NUL character"];
            }

            return text.Length == 0 ? null : text;
        }
    }
}
