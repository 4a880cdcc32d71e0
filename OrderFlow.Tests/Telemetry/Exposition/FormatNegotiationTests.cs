using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed class FormatNegotiationTests
{
    private const string Prometheus242 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private const string Prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

    [Theory]
    [InlineData(Prometheus242, true)]
    [InlineData(Prometheus3, true)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", true)]
    [InlineData("APPLICATION/OpenMetrics-Text;version=1.0.0;q=0.9, text/plain;q=0.9", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.4, text/plain;version=0.0.4;q=0.5", false)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0, text/plain;q=0.1", false)]
    [InlineData("application/openmetrics-text;version=2.0.0", false)]
    [InlineData("application/openmetrics-text;version=0.0.1", false)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", false)]
    [InlineData("*/*", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData(";;;q=x,,/", false)]
    public void The_format_is_what_was_asked_for(string? accept, bool openMetrics) =>
        FormatNegotiation.Choose(accept).ShouldBe(openMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText);

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("identity", false)]
    [InlineData(null, false)]
    public void Gzip_is_used_only_when_asked_for(string? acceptEncoding, bool gzip) =>
        FormatNegotiation.AcceptsGzip(acceptEncoding).ShouldBe(gzip);
}
