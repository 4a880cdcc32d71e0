using OrderFlow.Cli.Observation;
using OrderFlow.Contracts;

namespace OrderFlow.Cli.Verification;

/// <summary>The values that a counter of the services must have, given what is in their databases.</summary>
/// <param name="Metric">The counter.</param>
/// <param name="Job">Whose it is; <see langword="null"/> for what several services count together.</param>
/// <param name="Labels">What it is divided by.</param>
/// <param name="Values">What it must say.</param>
internal sealed record CounterExpectation(
    string Metric, string? Job, IReadOnlyList<string> Labels, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Of the histogram of how long flows took.</summary>
    private const string Flows = "event_processing_end_to_end_latency_seconds_count";

    private const string OrderFlows = $"event_type=\"{FlowNames.OrderCreation}\"";

    /// <summary>Which of its series are meant, beside the job's.</summary>
    private string? Which { get; init; }

    /// <summary>The sum over the processes of the service, or of all services.</summary>
    public string Query =>
        $"sum by ({string.Join(", ", Labels)}) "
        + $"({Metric}{{{string.Join(", ", ((string?[])[Job is null ? null : $"job=\"{Job}\"", Which]).OfType<string>())}}})";

    public static IReadOnlyList<CounterExpectation> Of(ObservedState observed)
    {
        var completed = observed.Orders.Count(row => row.Status == OrderRow.Completed);
        var rejected = observed.Orders.Where(row => row.Status == OrderRow.Rejected).ToArray();
        var paid = observed.Payments.Count;
        var timedOut = rejected.Where(row => row.IsTimedOut).Select(row => row.Id).ToHashSet();
        var late = observed.Payments.Count(payment => timedOut.Contains(payment.OrderId));
        var (requested, refunded) = (
            observed.Orders.Count(row => row.IsRefundRequested), observed.Payments.Count(payment => payment.IsRefunded));
        var notified = observed.Notifications.Where(row => row.IsSent && row.IsHandled)
            .GroupBy(row => row.Kind, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => (double)group.Count(), StringComparer.Ordinal);
        return
        [
            new("orders_completed_total", ServiceNames.OrderService, [], Values(("", completed))),
            new(
                "orders_rejected_total",
                ServiceNames.OrderService,
                ["reason"],
                rejected.GroupBy(row => row.Reason ?? "", StringComparer.Ordinal)
                    .ToDictionary(group => group.Key, group => (double)group.Count(), StringComparer.Ordinal)),
            new(
                "payments_processed_total",
                ServiceNames.PaymentService,
                ["outcome"],
                Values(
                    ("approved", observed.Payments.Count(payment => payment.IsApproved)),
                    ("declined", observed.Payments.Count(payment => !payment.IsApproved)))),
            new("orders_refunds_requested_total", ServiceNames.OrderService, [], Values(("", requested))),
            new("payments_refunded_total", ServiceNames.PaymentService, [], Values(("", refunded))),
            new("events_effects_total", ServiceNames.OrderService, ["event_type"], Values(
                (EventTypes.OrderCreated, observed.Orders.Count),
                (EventTypes.PaymentProcessed, completed + rejected.Count(row => row.Reason == RejectionReasons.PaymentDeclined) + late),
                (EventTypes.OrderPaymentOverdue, timedOut.Count),
                (EventTypes.PaymentRefunded, observed.Orders.Count(row => row.IsRefunded)))),
            new(
                "events_effects_total",
                ServiceNames.PaymentService,
                ["event_type"],
                Values((EventTypes.PaymentRequested, paid), (EventTypes.PaymentRefundRequested, requested))),
            new("events_effects_total", ServiceNames.NotificationService, ["event_type"], notified),
            new("notifications_sent_total", ServiceNames.NotificationService, ["kind"], notified),
            new(
                Flows,
                null,
                ["status"],
                Values(("success", observed.Notifications.Count(row => row.IsSent)), ("failure", GivenUp(observed))))
            {
                Which = OrderFlows,
            },
            // No dead letter is replayed during a run.
            new(Flows, null, ["attempt"], Values()) { Which = $"{OrderFlows}, attempt=\"replayed\"" },
        ];

        static Dictionary<string, double> Values(params (string Label, double Value)[] values) =>
            values.Where(entry => entry.Value > 0).ToDictionary(entry => entry.Label, entry => entry.Value, StringComparer.Ordinal);
    }

    /// <summary>
    /// Flows that a service gave up: each service observes that once for a flow, however many events of it became dead letters. The flow of
    /// an event that became one after the customer was notified has ended well, and is no failure.
    /// </summary>
    private static int GivenUp(ObservedState observed)
    {
        var endedWell = observed.Notifications.Where(row => row.IsSent && !row.IsGivenUp).Select(row => row.OrderId)
            .ToHashSet(StringComparer.Ordinal);
        return observed.DeadLetters
            .Where(letter => letter.IsGivenUp && letter.Flow == FlowNames.OrderCreation)
            .Where(letter =>
                letter.Service != ServiceNames.NotificationService || letter.OrderId is null || !endedWell.Contains(letter.OrderId))
            .Select(letter => (letter.Service, letter.CorrelationId, letter.OrderId))
            .Distinct()
            .Count();
    }

    /// <summary>Each value beside what Prometheus says.</summary>
    public IEnumerable<CounterCheck> Compare(IReadOnlyDictionary<string, double> counted) =>
        Values.Keys.Union(counted.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
        .Select(label => new CounterCheck(
            label.Length == 0 ? Metric : $"{Metric}{{{string.Join(", ", Labels)}=\"{label}\"}}",
            Values.GetValueOrDefault(label),
            counted.TryGetValue(label, out var value) ? value : null));
}
