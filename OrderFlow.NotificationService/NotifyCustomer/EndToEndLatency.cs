using OrderFlow.Contracts;
using OrderFlow.Messaging;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// The only place that observes how long a flow took. The clock is read when the customer is told; the observation is made once the
/// handling can no longer fail, so that a retry observes nothing twice.
/// </summary>
internal sealed class EndToEndLatency(NotificationInstruments instruments, TimeProvider time, ILogger<EndToEndLatency> logger)
{
    /// <summary>From the flow's origin until now, in microseconds; negative when this clock is behind the Gateway's.</summary>
    public long MicrosSinceOrigin(EventContext context) => UnixMicroseconds.From(time.GetUtcNow()) - context.OriginTimestampMicros;

    public void Succeeded(EventContext context, long micros) => Observe(context, micros, "success");

    public void Failed(EventContext context) => Observe(context, MicrosSinceOrigin(context), "failure");

    private void Observe(EventContext context, long micros, string status)
    {
        var flow = FlowNames.Label(context.Flow);
        if (micros < 0)
        {
            // A made-up 0 would flatter the percentiles; the count says how many are missing from them.
            instruments.ClockSkew(flow);
            Log.EndedBeforeItBegan(logger, context.AggregateId, -micros);
            return;
        }

        instruments.EndToEnd(TimeSpan.FromMicroseconds(micros), flow, status, AttemptLabel(context));
    }

    private static string AttemptLabel(EventContext context) => context switch
    {
        { Replayed: true } => "replayed",
        { Attempt: > 1 } => "retried",
        _ => "first",
    };
}
