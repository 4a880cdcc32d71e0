using System.Diagnostics;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Drops the spans of scrapes and health probes, and those of a service's upkeep: a call to the database that nothing caused, such as a look for
/// old rows every few seconds. It leaves every other decision to <paramref name="inner"/>.
/// </summary>
internal sealed class ProbeSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        (samplingParameters.Kind == ActivityKind.Server && IsProbe(samplingParameters.Tags))
        || (samplingParameters.Kind == ActivityKind.Client && samplingParameters.ParentContext == default)
            ? new SamplingResult(SamplingDecision.Drop)
            : inner.ShouldSample(samplingParameters);

    private static bool IsProbe(IEnumerable<KeyValuePair<string, object?>>? tags)
    {
        foreach (var (key, value) in tags ?? [])
        {
            if (key == "url.path")
            {
                return ProbePaths.Contains(value as string);
            }
        }

        return false;
    }
}
