namespace OrderFlow.AppHost.Prometheus;

internal static class PrometheusImage
{
    public const string Image = "prom/prometheus";

    public const string Tag = "v3.5.0";
}
