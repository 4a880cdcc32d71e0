using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Accounting;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// The only place that observes how long a flow took, and where the time went. The clock is read when the customer is told; the observation is made once the
/// handling can no longer fail, so that a retry observes nothing twice.
/// </summary>
internal sealed class EndToEndLatency(NotificationInstruments instruments, TimeProvider time, ILogger<EndToEndLatency> logger)
{
    /// <summary>A dead letter may wait for months; what began in 1970 was begun by a wrong clock.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public void Succeeded(EventContext context, LatencyLedger ledger) => Observe(context, ledger, "success");

    public void Failed(EventContext context) => Observe(context, context.LedgerUntilNow(time), "failure");

    private void Observe(EventContext context, LatencyLedger ledger, string status)
    {
        var flow = FlowNames.Label(context.Flow);
        var micros = ledger.TotalMicros;
        if (!IsPlausible(micros))
        {
            // A made-up 0 would flatter the percentiles, and half a century spoil every mean; the count says how many are missing from them.
            instruments.ClockSkew(flow);
            Log.ImplausibleLatency(logger, context.AggregateId, micros);
            return;
        }

        instruments.EndToEnd(TimeSpan.FromMicroseconds(micros), flow, status, AttemptLabel(context));
        foreach (var (stage, spent) in StageLabels.Sum(ledger))
        {
            if (IsPlausible(spent))
            {
                instruments.StageDuration(TimeSpan.FromMicroseconds(spent), flow, stage);
            }
            else
            {
                // A histogram cannot subtract: this is by how much the stages' sums may exceed the whole.
                instruments.NegativeStage(flow, stage);
            }
        }
    }

    private static bool IsPlausible(long micros) => micros >= 0 && micros <= Longest.TotalMicroseconds;

    private static string AttemptLabel(EventContext context) => context switch
    {
        { Replayed: true } => "replayed",
        { Attempt: > 1 } => "retried",
        _ => "first",
    };
}
