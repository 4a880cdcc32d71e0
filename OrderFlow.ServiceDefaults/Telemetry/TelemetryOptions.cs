using Microsoft.Extensions.Options;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Configuration section <c>Telemetry</c>. Where telemetry goes is said by the standard variables
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>OTEL_SERVICE_NAME</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c>).
/// </summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// Whether the service measures itself and has <c>/metrics</c>. Default true; without, nothing listens to its instruments.
    /// </summary>
    public bool Metrics { get; set; } = true;

    /// <summary>
    /// Whether the service makes spans, and sends them and its log lines on. Default true; without, an order has no trace.
    /// </summary>
    public bool Traces { get; set; } = true;

    /// <summary>
    /// Share of new traces that are exported, 0 to 1. Default: 1.0 in Development, 0.1 elsewhere.
    /// A caller's decision is followed. <c>OTEL_TRACES_SAMPLER</c>, when set, wins over this value.
    /// </summary>
    public double? TraceRatio { get; set; }

    /// <summary>
    /// Whether a span that fails is exported, with the spans of this process around it, although its trace is not. Default true;
    /// never with the samplers <c>always_off</c> and <c>parentbased_always_off</c>.
    /// </summary>
    public bool KeepErrors { get; set; } = true;

    /// <summary>
    /// About how many spans a second go to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> at most; above that whole traces are left out, with their log
    /// lines, but no span that failed and no warning. Default 0: all. The AppHost sets 100 where the Aspire dashboard gets them. The
    /// Monitor gets all in any case.
    /// </summary>
    public int CollectorSpansPerSecond { get; set; }

    /// <summary>
    /// The system's Monitor, such as <c>http://localhost:8090</c>; the AppHost sets it. Default: none, and nothing is sent there.
    /// </summary>
    public string? MonitorEndpoint { get; set; }

    /// <summary>What the Monitor takes telemetry with, its <c>Monitor:IngestKey</c>.</summary>
    public string? MonitorKey { get; set; }

    internal const string MetricsSetting = $"{Section}:{nameof(Metrics)}";
    internal const string TracesSetting = $"{Section}:{nameof(Traces)}";
    internal const string CollectorSpansSetting = $"{Section}:{nameof(CollectorSpansPerSecond)}";
    internal const string MonitorEndpointSetting = $"{Section}:{nameof(MonitorEndpoint)}";
}

/// <summary>By hand, because the generated validator drops a message of one's own on a nullable number.</summary>
internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options) =>
        options.TraceRatio is not (null or (>= 0 and <= 1)) ? ValidateOptionsResult.Fail(
            $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.TraceRatio)} is {options.TraceRatio}, " +
            "but must be a number from 0 (no trace) to 1 (every trace). Leave it out for the default.")
        : options.CollectorSpansPerSecond < 0 ? ValidateOptionsResult.Fail(
            $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.CollectorSpansPerSecond)} is {options.CollectorSpansPerSecond}, " +
            "but must be a number of spans a second, or 0 for all.")
        : !string.IsNullOrWhiteSpace(options.MonitorEndpoint) && !IsHttp(options.MonitorEndpoint) ? ValidateOptionsResult.Fail(
            $"{TelemetryOptions.MonitorEndpointSetting} is '{options.MonitorEndpoint}', "
            + "but must be the Monitor's address, for example http://localhost:8090. Leave it out to send nothing there.")
        : ValidateOptionsResult.Success;

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
