using System.Diagnostics;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Drops what a service does for its own upkeep: a call to the database or over HTTP that nothing caused, such as a look for old rows
/// every few seconds, and whatever happens within a span that is dropped, such as the query of a health probe. It leaves every other
/// decision to
/// <paramref name="inner"/>.
/// </summary>
internal sealed class UpkeepSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        (samplingParameters.Kind == ActivityKind.Client && samplingParameters.ParentContext == default)
            || IsWithinDropped(samplingParameters.ParentContext)
            ? new SamplingResult(SamplingDecision.Drop)
            : inner.ShouldSample(samplingParameters);

    /// <summary>A span that only carries its trace's id on, and is itself nowhere kept, not even in case it fails.</summary>
    private static bool IsWithinDropped(ActivityContext parent) =>
        Activity.Current is { IsAllDataRequested: false } current && current.SpanId == parent.SpanId;
}
