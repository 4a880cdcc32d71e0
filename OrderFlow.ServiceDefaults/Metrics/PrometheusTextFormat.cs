using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>Prometheus text 0.0.4: prometheus.io/docs/instrumenting/exposition_formats.</summary>
internal sealed class PrometheusTextFormat : ExpositionFormat
{
    public override string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    public override ReadOnlySpan<byte> End => default;

    protected override void WriteHeader(StringBuilder text, MetricName name, FamilyKind kind, string help)
    {
        // Here a family is called as its samples are.
        var (family, type) = kind switch
        {
            FamilyKind.Counter => (name.Family + MetricName.Total, "counter"),
            FamilyKind.Info => (name.Family + "_info", "gauge"),
            FamilyKind.Histogram => (name.Family, "histogram"),
            _ => (name.Family, "gauge"),
        };
        if (help.Length > 0)
        {
            text.Append("# HELP ").Append(family).Append(' ').Append(LabelText.EscapeLines(help)).Append('\n');
        }

        text.Append("# TYPE ").Append(family).Append(' ').Append(type).Append('\n');
    }
}
