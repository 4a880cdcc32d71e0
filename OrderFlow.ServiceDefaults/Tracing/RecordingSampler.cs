using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Follows <paramref name="inner"/>, but what that leaves out is recorded all the same and not exported: only so is it there when it
/// fails, see <see cref="FailedSpans"/>. Contexts that are passed on say what <paramref name="inner"/> decided.
/// </summary>
internal sealed class RecordingSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var decided = inner.ShouldSample(samplingParameters);
        return decided.Decision == SamplingDecision.Drop
            ? new SamplingResult(SamplingDecision.RecordOnly, decided.Attributes, decided.TraceStateString)
            : decided;
    }
}
