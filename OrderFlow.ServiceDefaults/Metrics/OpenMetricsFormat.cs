using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>
/// OpenMetrics 1.0.0: prometheus.io/docs/specs/om/open_metrics_spec. Without the optional <c>_created</c> samples:
/// Prometheus stores them as one more series each and makes nothing of them.
/// </summary>
internal sealed class OpenMetricsFormat : ExpositionFormat
{
    public override string ContentType => "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public override ReadOnlySpan<byte> End => "# EOF\n"u8;

    protected override void WriteHeader(StringBuilder text, MetricName name, FamilyKind kind, string help)
    {
        var type = kind switch
        {
            FamilyKind.Counter => "counter",
            FamilyKind.Histogram => "histogram",
            FamilyKind.Info => "info",
            _ => "gauge",
        };
        text.Append("# TYPE ").Append(name.Family).Append(' ').Append(type).Append('\n');
        if (name.Unit.Length > 0)
        {
            text.Append("# UNIT ").Append(name.Family).Append(' ').Append(name.Unit).Append('\n');
        }

        if (help.Length > 0)
        {
            text.Append("# HELP ").Append(name.Family).Append(' ').Append(LabelText.Escape(help)).Append('\n');
        }
    }
}
