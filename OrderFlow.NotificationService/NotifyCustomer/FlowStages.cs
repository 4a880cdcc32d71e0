using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.EndToEnd;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Observes where the time of a flow went, once the handling can no longer fail, so that a retry observes nothing twice. How long it took
/// in all is committed with the record of the notification, or by the bus with the flow that it gives up.
/// </summary>
internal sealed class FlowStages(NotificationInstruments instruments, TimeProvider time, ILogger<FlowStages> logger)
{
    public void Succeeded(EventContext context, FlowLedger ledger) => Observe(context, ledger);

    public void Failed(EventContext context) => Observe(context, context.LedgerUntilNow(time));

    private void Observe(EventContext context, FlowLedger ledger)
    {
        var flow = FlowNames.Label(context.Flow);
        var micros = ledger.TotalMicros;
        if (!EndToEndLatency.IsPlausible(micros))
        {
            // A made-up 0 would flatter the percentiles, and half a century spoil every mean; the count says how many are missing from
            // them.
            instruments.ClockSkew(flow);
            Log.ImplausibleLatency(logger, context.AggregateId, micros);
            return;
        }

        foreach (var (stage, spent) in StageLabels.Sum(ledger))
        {
            if (EndToEndLatency.IsPlausible(spent))
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
}
