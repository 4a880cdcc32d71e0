using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>The lines of one histogram series in which nothing has been recorded.</summary>
internal sealed class ZeroHistogram(SeriesLabels labels, byte[] lines)
{
    public SeriesLabels Labels => labels;

    public ReadOnlySpan<byte> Lines => lines;

    public static ZeroHistogram Of(MetricFamily family, ZeroSeries zeros, KeyValuePair<string, object?>[] tags)
    {
        var labels = family.Labels(tags);
        var text = Encoding.UTF8.GetString(labels.Text);
        var lines = new StringBuilder();
        foreach (var bound in zeros.Bounds)
        {
            lines.Append($"{family.Name}_bucket{{{text}{(text.Length > 0 ? "," : "")}le=\"{bound}\"}} 0\n");
        }

        var braces = text.Length > 0 ? $"{{{text}}}" : "";
        lines.Append($"{family.Name}_sum{braces} 0\n{family.Name}_count{braces} 0\n");
        return new ZeroHistogram(labels, Encoding.UTF8.GetBytes(lines.ToString()));
    }
}
