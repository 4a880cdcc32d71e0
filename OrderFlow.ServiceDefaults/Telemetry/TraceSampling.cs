using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Which traces are recorded: see <see cref="TelemetryOptions.TraceRatio"/> and <see cref="TelemetryOptions.KeepErrors"/>.
/// </summary>
internal sealed class TraceSampling
{
    private const string SamplerVariable = "OTEL_TRACES_SAMPLER";
    private const string ArgumentVariable = "OTEL_TRACES_SAMPLER_ARG";

    public TraceSampling(IConfiguration configuration, IHostEnvironment environment, IOptions<TelemetryOptions> options)
    {
        var ratio = options.Value.TraceRatio ?? (environment.IsDevelopment() ? 1.0 : 0.1);
        (Root, var followsParent) = configuration[SamplerVariable] is { Length: > 0 } name
            ? FromEnvironment(name, configuration[ArgumentVariable])
            : (new TraceIdRatioBasedSampler(ratio), true);
        Sampler head = followsParent ? new ParentBasedSampler(Root) : Root;
        Sampler = new UpkeepSampler(options.Value.KeepErrors && Root is not AlwaysOffSampler ? new RecordingSampler(head) : head);
    }

    /// <summary>Decides for a trace that begins here.</summary>
    public Sampler Root { get; }

    /// <summary>Decides for every span.</summary>
    public Sampler Sampler { get; }

    private static (Sampler Root, bool FollowsParent) FromEnvironment(string name, string? argument) =>
        name.Trim().ToLowerInvariant() switch
        {
            "always_on" => (new AlwaysOnSampler(), false),
            "always_off" => (new AlwaysOffSampler(), false),
            "traceidratio" => (new TraceIdRatioBasedSampler(Ratio(argument)), false),
            "parentbased_always_on" => (new AlwaysOnSampler(), true),
            "parentbased_always_off" => (new AlwaysOffSampler(), true),
            "parentbased_traceidratio" => (new TraceIdRatioBasedSampler(Ratio(argument)), true),
            _ => throw new InvalidOperationException(
                $"{SamplerVariable} is '{name}', which is no sampler of OpenTelemetry. Use always_on, always_off, traceidratio, " +
                "parentbased_always_on, parentbased_always_off or parentbased_traceidratio, or leave it unset."),
        };

    private static double Ratio(string? argument)
    {
        if (string.IsNullOrWhiteSpace(argument))
        {
            return 1.0;
        }

        return double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1
            ? ratio
            : throw new InvalidOperationException(
                $"{ArgumentVariable} is '{argument}', but a ratio sampler needs a number from 0 to 1, for example 0.25.");
    }
}
