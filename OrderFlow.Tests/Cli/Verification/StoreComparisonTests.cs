using OrderFlow.Cli.Observation;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Tests.Cli.Verification;

/// <summary>Every discrepancy that the Monitor's store can have, made up one by one.</summary>
public sealed class StoreComparisonTests
{
    private const string Stages = "1;accept=100;order.created:broker=300,handling=600;end";
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(5);

    private ObservedState _observed = new();
    private StoreState _store = new();

    [Fact]
    public void A_consistent_store_has_no_discrepancies()
    {
        Place(OrderRow.Completed);
        Place(OrderRow.Rejected);
        Place(OrderRow.Rejected, paid: false);
        _observed = _observed with
        {
            Orders = [.. _observed.Orders, new(Guid.NewGuid(), "waits", "awaiting_payment", null, 0, new Dictionary<string, int>())],
        };
        _store = _store with
        {
            Events = [.. _store.Events, Event("order.created", _observed.Orders[^1].Id)],
            Flows = [.. _store.Flows, new(_observed.Orders[^1].Id.ToString(), "open", null, 1)],
            Monitor = _store.Monitor with { OpenFlows = 1 },
        };

        Compare().IsClean.ShouldBeTrue(string.Join("; ", Compare().Unexplained.Concat(Compare().Lost).Concat(Compare().Stuck)));
    }

    [Fact]
    public void An_order_that_timed_out_and_is_refunded_has_the_events_of_both()
    {
        var order = Place(OrderRow.Rejected);
        _observed = _observed with
        {
            Orders = [_observed.Orders[0] with { Reason = "payment_timeout", IsRefundRequested = true, IsRefunded = true }],
        };
        _store = _store with
        {
            Events =
            [
                .. _store.Events,
                Event("order.payment-overdue", order),
                Event("payment.refund-requested", order),
                Event("payment.refunded", order),
            ],
            Flows = [_store.Flows[0] with { Events = 8 }],
        };

        Compare().IsClean.ShouldBeTrue(string.Join("; ", Compare().Unexplained.Concat(Compare().Lost)));
    }

    [Theory]
    [InlineData("order.created")]
    [InlineData("payment.requested")]
    [InlineData("payment.processed")]
    [InlineData("order.processed")]
    [InlineData("notification.sent")]
    public void An_event_that_is_not_stored_is_lost(string type)
    {
        var order = Place(OrderRow.Completed);
        _store = _store with { Events = [.. _store.Events.Where(one => one.WireType != type)] };

        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"{type} of order {order} is not in the Monitor's store");
    }

    [Fact]
    public void A_handled_event_must_be_stored_under_its_own_id()
    {
        Place(OrderRow.Completed);
        var handled = Guid.NewGuid();
        _store = _store with
        {
            Handled = [.. _store.Events.Select(one => new HandledEvent(one.EventId, "orders")), new(handled, "payments")],
        };

        Compare().Lost.ShouldHaveSingleItem()
            .ShouldBe($"event {handled}, handled by the service of payments, is not in the Monitor's store");
    }

    [Fact]
    public void An_event_stored_twice_is_doubled_under_one_id_and_under_two()
    {
        var order = Place(OrderRow.Completed);
        var once = _store;

        _store = once with { Events = [.. once.Events.Select(one => one with { Times = one.WireType == "order.created" ? 2 : 1 })] };
        Compare().Doubled.ShouldHaveSingleItem()
            .ShouldBe($"order.created of order {order} is 2 times in the Monitor's store, under 1 ids");

        _store = once with { Events = [.. once.Events, Event("notification.sent", order)] };
        Compare().Doubled.ShouldHaveSingleItem()
            .ShouldBe($"notification.sent of order {order} is 2 times in the Monitor's store, under 2 ids");

        _store = once with { Flows = [once.Flows[0], once.Flows[0]] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe($"order {order} is 2 flows in the Monitor's store");
    }

    [Fact]
    public void A_flow_that_differs_from_its_order_is_a_discrepancy()
    {
        var order = Place(OrderRow.Completed);

        Flow(flow => flow with { Status = "open" }).Stuck.ShouldHaveSingleItem().ShouldStartWith($"the flow of order {order} is open");
        Flow(flow => flow with { Outcome = "rejected" }).Unexplained.ShouldHaveSingleItem().ShouldContain("is rejected after 5 events");
        Flow(flow => flow with { Events = 6 }).Unexplained.ShouldHaveSingleItem().ShouldContain("is completed after 6 events");
        Flow(flow => flow with { Stages = null }).Lost.ShouldHaveSingleItem().ShouldContain("has no latency ledger");
        Flow(flow => flow with { EndToEndMicros = 1001 }).Unexplained.ShouldHaveSingleItem()
            .ShouldContain("sums to 1000 µs; its customer was notified after 1001 µs");
    }

    [Fact]
    public void A_flow_misses_its_deadline_by_its_own_duration_and_not_by_when_it_was_stored()
    {
        Place(OrderRow.Completed);

        Flow(flow => flow with { IsLate = true }).Unexplained.ShouldHaveSingleItem()
            .ShouldEndWith("took 4.0 ms of 5, and the Monitor says of its deadline: missed");
        Flow(flow => flow with { IsLate = null }).Unexplained.ShouldHaveSingleItem().ShouldEndWith("nothing");
        Flow(flow => flow with { TotalMicros = 5001 }).Unexplained.ShouldHaveSingleItem().ShouldEndWith("kept");
        Flow(flow => flow with { TotalMicros = 5001, IsLate = true }).IsClean.ShouldBeTrue();
    }

    [Fact]
    public void A_stored_event_that_nobody_published_is_unexplained()
    {
        Place(OrderRow.Completed);
        var (once, stranger) = (_store, Guid.NewGuid());

        _store = once with { Events = [.. once.Events, Event("order.created", stranger)] };
        Compare().Unexplained.ShouldContain($"the Monitor knows an order '{stranger}', which does not exist");

        _store = once with { Events = [.. once.Events, Event("order.rejected", _observed.Orders[0].Id)] };
        Compare().Unexplained.ShouldContain(
            $"order.rejected of order {_observed.Orders[0].Id} is in the Monitor's store, and nobody else knows of it");

        _store = once with { Unreadable = 3 };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("could not read 3 messages");
    }

    [Fact]
    public void The_Monitors_own_counts_and_drifts_have_to_agree()
    {
        Place(OrderRow.Completed);
        var once = _store;

        _store = once with { Monitor = once.Monitor with { UnstoredEvents = null } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldContain("unknown many events wait for it");

        _store = once with { Monitor = once.Monitor with { Drifts = null } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldBe("the Monitor's reconciliation did not settle");

        _store = once with
        {
            Monitor = once.Monitor with
            {
                Drifts = new Dictionary<string, long>
                {
                    ["order.created at order-service"] = -2,
                    ["payment.requested at payment-service"] = 1,
                },
            },
        };
        Compare().Doubled.ShouldHaveSingleItem()
            .ShouldBe("the Monitor's reconciliation is left with a drift of -2 of order.created at order-service");
        Compare().Lost.ShouldHaveSingleItem().ShouldContain("drift of 1 of payment.requested");

        _store = once with { Monitor = once.Monitor with { OpenFlows = 1 } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldContain("1 flows are open");

        _store = once with { Counts = new Dictionary<string, long>() };
        Compare(counted: false).Unexplained.ShouldContain("the Monitor has counted 0 order.created, and stored 1");
    }

    private static StoredEvent Event(string type, Guid order) => new(Guid.NewGuid(), type, order.ToString(), "", 1);

    private Discrepancies Flow(Func<StoredFlow, StoredFlow> change)
    {
        var once = _store;
        _store = once with { Flows = [change(once.Flows[0])] };
        var discrepancies = Compare();
        _store = once;
        return discrepancies;
    }

    private Discrepancies Compare(bool counted = true)
    {
        var discrepancies = new Discrepancies();
        var counts = _store.Events.GroupBy(one => one.WireType).ToDictionary(type => type.Key, type => type.Sum(one => one.Times));
        StoreComparison.Add(_observed, counted ? _store with { Counts = counts } : _store, Deadline, discrepancies);
        return discrepancies;
    }

    /// <summary>An order with everything that belongs to it.</summary>
    private Guid Place(string status, bool paid = true)
    {
        var id = Guid.NewGuid();
        string[] types =
        [
            "order.created", .. paid ? ["payment.requested", "payment.processed"] : Array.Empty<string>(),
            status == OrderRow.Completed ? "order.processed" : "order.rejected", "notification.sent",
        ];
        _observed = _observed with
        {
            Orders = [.. _observed.Orders, new(id, $"order-{id}", status, null, 1, new Dictionary<string, int>())],
            Payments = paid ? [.. _observed.Payments, new(Guid.NewGuid(), id, status == OrderRow.Completed)] : _observed.Payments,
        };
        _store = _store with
        {
            Events = [.. _store.Events, .. types.Select(type => Event(type, id))],
            Flows =
            [
                .. _store.Flows,
                new(id.ToString(), "ended", status, types.Length)
                {
                    TotalMicros = 4000,
                    IsLate = false,
                    Stages = Stages,
                    EndToEndMicros = 1000,
                },
            ],
        };
        return id;
    }
}
