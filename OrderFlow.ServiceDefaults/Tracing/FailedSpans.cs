using System.Diagnostics;
using OpenTelemetry;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Lets a span that failed through to the exporters although its trace is not sampled, and with it the spans of this process around it.
/// It comes before the exporting processors, which take what has the flag <c>sampled</c>. A span gets the flag after its end, never
/// before: until then its context may travel on, and those who receive it follow the decision that was made at the head of the trace.
/// </summary>
internal sealed class FailedSpans : BaseProcessor<Activity>
{
    private const string Around = "orderflow.around_failed_span";

    public override void OnEnd(Activity data)
    {
        if (data.Recorded || (data.Status != ActivityStatusCode.Error && data.GetCustomProperty(Around) is null))
        {
            return;
        }

        data.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        for (var parent = data.Parent; parent is not null && parent.GetCustomProperty(Around) is null; parent = parent.Parent)
        {
            parent.SetCustomProperty(Around, Around);
        }
    }
}
