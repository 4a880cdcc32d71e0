using System.Globalization;
using OrderFlow.Cli.Observation;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Cli.Verification;

/// <summary>
/// Compares the Monitor's store with what services and customers know, event by event and flow by flow. It reads nothing itself.
/// </summary>
internal sealed class StoreComparison
{
    private readonly ObservedState _observed;
    private readonly StoreState _store;
    private readonly TimeSpan _deadline;
    private readonly Discrepancies _discrepancies;

    private StoreComparison(ObservedState observed, StoreState store, TimeSpan deadline, Discrepancies discrepancies) =>
        (_observed, _store, _deadline, _discrepancies) = (observed, store, deadline, discrepancies);

    /// <param name="observed">What the services' databases hold.</param>
    /// <param name="store">What the Monitor's holds.</param>
    /// <param name="deadline">Its deadline of a flow.</param>
    /// <param name="discrepancies">Gets what disagrees.</param>
    public static void Add(ObservedState observed, StoreState store, TimeSpan deadline, Discrepancies discrepancies)
    {
        var comparison = new StoreComparison(observed, store, deadline, discrepancies);
        comparison.CompareOrders();
        comparison.CompareHandled();
        comparison.CompareCounts();
        comparison.CompareMonitorStatus();
    }

    private void CompareOrders()
    {
        var paid = _observed.Payments.Select(payment => payment.OrderId).ToHashSet();
        var events = _store.Events.ToLookup(one => one.OrderId, StringComparer.Ordinal);
        var flows = _store.Flows.ToLookup(flow => flow.OrderId, StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var order in _observed.Orders)
        {
            var id = order.Id.ToString();
            known.Add(id);
            string[] expected = Expected(order, paid.Contains(order.Id));
            CompareEvents(id, expected, [.. events[id]]);
            CompareFlow(order, expected.Length, [.. flows[id]]);
        }

        _discrepancies.Unexplained.AddRange(
            events.Concat<IGrouping<string, object>>(flows).Select(group => group.Key)
                .Distinct(StringComparer.Ordinal)
                .Where(id => !known.Contains(id))
                .Select(id => $"the Monitor knows an order '{id}', which does not exist"));
    }

    private static string[] Expected(OrderRow order, bool paid) =>
    [
        EventTypes.OrderCreated,
        .. paid || order.IsTimedOut ? [EventTypes.PaymentRequested] : Array.Empty<string>(),
        .. paid ? [EventTypes.PaymentProcessed] : Array.Empty<string>(),
        .. order.IsTimedOut ? [EventTypes.OrderPaymentOverdue] : Array.Empty<string>(),
        .. order.HasEnded
            ? [order.Status == OrderRow.Completed ? EventTypes.OrderProcessed : EventTypes.OrderRejected, EventTypes.NotificationSent]
            : Array.Empty<string>(),
        .. order.IsRefundRequested ? [EventTypes.PaymentRefundRequested] : Array.Empty<string>(),
        .. order.IsRefunded ? [EventTypes.PaymentRefunded] : Array.Empty<string>(),
    ];

    private void CompareEvents(string order, string[] expected, StoredEvent[] stored)
    {
        foreach (var type in expected.Except(stored.Select(one => one.WireType), StringComparer.Ordinal))
        {
            _discrepancies.Lost.Add($"{type} of order {order} is not in the Monitor's store");
        }

        foreach (var type in stored.GroupBy(one => one.WireType, StringComparer.Ordinal))
        {
            if (!expected.Contains(type.Key, StringComparer.Ordinal))
            {
                _discrepancies.Unexplained.Add($"{type.Key} of order {order} is in the Monitor's store, and nobody else knows of it");
            }
            else if (type.Sum(one => one.Times) is > 1 and var times)
            {
                _discrepancies.Doubled.Add(
                    $"{type.Key} of order {order} is {times} times in the Monitor's store, under {type.Count()} ids");
            }
        }
    }

    private void CompareFlow(OrderRow order, int events, StoredFlow[] flows)
    {
        if (flows.Length != 1)
        {
            (flows.Length == 0 ? _discrepancies.Lost : _discrepancies.Doubled)
                .Add($"order {order.Id} is {flows.Length} flows in the Monitor's store");
            return;
        }

        var flow = flows[0];
        if (!order.HasEnded)
        {
            return;
        }

        if (flow.Status != "ended")
        {
            _discrepancies.Stuck.Add($"the flow of order {order.Id} is {flow.Status} in the Monitor's store; its customer is notified");
            return;
        }

        if (flow.Outcome != order.Status || flow.Events != events)
        {
            _discrepancies.Unexplained.Add(
                $"the flow of order {order.Id} is {flow.Outcome ?? "nothing"} after {flow.Events} events in the Monitor's store; "
                + $"it is {order.Status} after {events}");
        }

        if (flow.IsLate != flow.TotalMicros > _deadline.TotalMicroseconds)
        {
            _discrepancies.Unexplained.Add(
                $"the flow of order {order.Id} took {flow.TotalMicros / 1000.0:0.0} ms of {_deadline.TotalMilliseconds:0}, "
                + $"and the Monitor says of its deadline: {flow.IsLate switch { true => "missed", false => "kept", null => "nothing" }}");
        }

        if (FlowLedger.Read(flow.Stages) is not { } ledger)
        {
            _discrepancies.Lost.Add($"the flow of order {order.Id} has no latency ledger in the Monitor's store that can be read");
        }
        else if (ledger.TotalMicros != flow.EndToEndMicros)
        {
            _discrepancies.Unexplained.Add(
                $"the latency ledger of order {order.Id} sums to {ledger.TotalMicros} µs; its customer was notified after "
                + $"{flow.EndToEndMicros} µs");
        }
    }

    /// <summary>By its very id, what a service has handled was published, and must be stored.</summary>
    private void CompareHandled()
    {
        var stored = _store.Events.Select(one => one.EventId).ToHashSet();
        _discrepancies.Lost.AddRange(
            _store.Handled.Where(handled => !stored.Contains(handled.EventId)).Select(
                handled => $"event {handled.EventId}, handled by the service of {handled.Database}, is not in the Monitor's store"));
    }

    private void CompareCounts()
    {
        var counted = _store.Events.GroupBy(one => one.WireType, StringComparer.Ordinal)
            .ToDictionary(type => type.Key, type => type.Sum(one => one.Times), StringComparer.Ordinal);
        foreach (var type in counted.Keys.Union(_store.Counts.Keys, StringComparer.Ordinal))
        {
            if (counted.GetValueOrDefault(type) != _store.Counts.GetValueOrDefault(type))
            {
                _discrepancies.Unexplained.Add(
                    $"the Monitor has counted {_store.Counts.GetValueOrDefault(type)} {type}, and stored "
                    + $"{counted.GetValueOrDefault(type)}");
            }
        }

        if (_store.Unreadable > 0)
        {
            _discrepancies.Unexplained.Add($"the Monitor could not read {_store.Unreadable} messages; nobody sent any");
        }
    }

    private void CompareMonitorStatus()
    {
        var monitor = _store.Monitor;
        if (monitor.UnstoredEvents != 0 || monitor.OpenFlows != _observed.Orders.Count(order => !order.HasEnded))
        {
            _discrepancies.Stuck.Add(
                $"the Monitor says that {monitor.UnstoredEvents?.ToString(CultureInfo.InvariantCulture) ?? "unknown many"} events wait "
                + $"for it and {monitor.OpenFlows} flows are open");
        }

        if (monitor.Drifts is not { } drifts)
        {
            _discrepancies.Stuck.Add("the Monitor's reconciliation did not settle");
            return;
        }

        foreach (var (where, drift) in drifts.Where(drift => drift.Value != 0))
        {
            (drift > 0 ? _discrepancies.Lost : _discrepancies.Doubled)
                .Add($"the Monitor's reconciliation is left with a drift of {drift} of {where}");
        }
    }
}
