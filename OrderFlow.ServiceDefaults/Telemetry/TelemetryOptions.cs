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
    /// Share of new traces that are recorded, 0 to 1. Default: 1.0 in Development, 0.1 elsewhere.
    /// A caller's decision is followed. <c>OTEL_TRACES_SAMPLER</c>, when set, wins over this value.
    /// </summary>
    public double? TraceRatio { get; set; }
}

/// <summary>By hand, because the generated validator drops a message of one's own on a nullable number.</summary>
internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options) =>
        options.TraceRatio is null or (>= 0 and <= 1)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.TraceRatio)} is {options.TraceRatio}, " +
                "but must be a number from 0 (no trace) to 1 (every trace). Leave it out for the default.");
}
