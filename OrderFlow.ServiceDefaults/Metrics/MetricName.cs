using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>The name of a metric family, as OpenMetrics gives it: a counter's is without <c>_total</c>.</summary>
/// <param name="Family">For example <c>http_server_request_duration_seconds</c>.</param>
/// <param name="Unit">The last words of the name when they are its unit, e.g. <c>seconds</c>; otherwise empty.</param>
internal sealed record MetricName(string Family, string Unit)
{
    public const string Total = "_total";

    /// <summary>
    /// Suffixes that belong to samples of counters and histograms. Anything else sheds them, as the Prometheus linter asks:
    /// <c>dotnet.assembly.count</c>, a gauge, becomes <c>dotnet_assembly</c>.
    /// </summary>
    private static readonly string[] SampleSuffixes = [Total, "_count", "_sum", "_bucket"];

    public static MetricName Of(string instrument, string? unit, FamilyKind kind)
    {
        var name = Shed(Sanitize(instrument), kind);
        var suffix = MetricUnit.Suffix(unit, kind);
        if (suffix.Length == 0 || SampleSuffixes.Contains("_" + suffix))
        {
            return new MetricName(name, "");
        }

        return name == suffix || name.EndsWith("_" + suffix, StringComparison.Ordinal)
            ? new MetricName(name, suffix)
            : new MetricName($"{name}_{suffix}", suffix);
    }

    /// <summary>Letters, digits and single underscores; what else there is becomes an underscore. None at the ends, no digit first.</summary>
    public static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                text.Append(c);
            }
            else if (text.Length > 0 && text[^1] != '_')
            {
                text.Append('_');
            }
        }

        if (text.Length > 0 && text[^1] == '_')
        {
            text.Length--;
        }

        return text.Length > 0 && char.IsAsciiDigit(text[0]) ? text.Insert(0, '_').ToString() : text.ToString();
    }

    private static string Shed(string name, FamilyKind kind)
    {
        string[] suffixes = kind == FamilyKind.Counter ? [Total] : SampleSuffixes;
        while (Array.Find(suffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } found)
        {
            name = name[..^found.Length];
        }

        return name;
    }
}
