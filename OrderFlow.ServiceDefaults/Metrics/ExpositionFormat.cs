using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>What differs between the two formats; the lines of the samples do not.</summary>
internal abstract class ExpositionFormat
{
    public static readonly ExpositionFormat PrometheusText = new PrometheusTextFormat();
    public static readonly ExpositionFormat OpenMetrics = new OpenMetricsFormat();

    public abstract string ContentType { get; }

    /// <summary>The last line of the document, or nothing.</summary>
    public abstract ReadOnlySpan<byte> End { get; }

    /// <summary>The comment lines before a family's samples.</summary>
    public byte[] Header(MetricName name, FamilyKind kind, string help)
    {
        var text = new StringBuilder();
        WriteHeader(text, name, kind, help);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    protected abstract void WriteHeader(StringBuilder text, MetricName name, FamilyKind kind, string help);
}
