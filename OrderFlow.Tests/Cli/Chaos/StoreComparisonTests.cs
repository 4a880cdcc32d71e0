using OrderFlow.Cli.Verification;

namespace OrderFlow.Tests.Cli.Chaos;

/// <summary>Each fault that the Monitor's store can have is made up, and must be named.</summary>
public sealed class StoreComparisonTests
{
    private const string Ledger = "1;accept=100;order.created:broker=300,handling=600;end";
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(5);

    private ObservedState _facts = new();
    private StoreState _store = new();

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong()
    {
        Place(OrderRow.Completed);
        Place(OrderRow.Rejected);
        Place(OrderRow.Rejected, paid: false);
        _facts = _facts with { Orders = [.. _facts.Orders, new(Guid.NewGuid(), "waits", "awaiting_payment", null, 0, new Dictionary<string, int>())] };
        _store = _store with
        {
            Events = [.. _store.Events, Event("order.created", _facts.Orders[^1].Id)],
            Flows = [.. _store.Flows, new(_facts.Orders[^1].Id.ToString(), "open", null, 1)],
            Account = _store.Account with { OpenFlows = 1 },
        };

        Compare().IsClean.ShouldBeTrue(string.Join("; ", Compare().Unexplained.Concat(Compare().Lost).Concat(Compare().Stuck)));
    }

    [Fact]
    public void An_order_that_timed_out_and_is_refunded_has_the_events_that_say_so()
    {
        var order = Place(OrderRow.Rejected);
        _facts = _facts with { Orders = [_facts.Orders[0] with { Reason = "payment_timeout", IsRefundRequested = true, IsRefunded = true }] };
        _store = _store with
        {
            Events = [.. _store.Events, Event("order.payment-overdue", order), Event("payment.refund-requested", order), Event("payment.refunded", order)],
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
    public void An_event_that_a_service_has_handled_is_looked_for_by_its_very_id()
    {
        Place(OrderRow.Completed);
        var handled = Guid.NewGuid();
        _store = _store with { Handled = [.. _store.Events.Select(one => new HandledEvent(one.EventId, "orders")), new(handled, "payments")] };

        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"event {handled}, handled by the service of payments, is not in the Monitor's store");
    }

    [Fact]
    public void An_event_that_is_stored_twice_is_doubled_under_one_id_and_under_two()
    {
        var order = Place(OrderRow.Completed);
        var once = _store;

        _store = once with { Events = [.. once.Events.Select(one => one with { Times = one.WireType == "order.created" ? 2 : 1 })] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe($"order.created of order {order} is 2 times in the Monitor's store, under 1 ids");

        _store = once with { Events = [.. once.Events, Event("notification.sent", order)] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe($"notification.sent of order {order} is 2 times in the Monitor's store, under 2 ids");

        _store = once with { Flows = [once.Flows[0], once.Flows[0]] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe($"order {order} is 2 flows in the Monitor's store");
    }

    [Fact]
    public void A_flow_that_is_not_what_the_order_is_is_named()
    {
        var order = Place(OrderRow.Completed);

        Flow(flow => flow with { Status = "open" }).Stuck.ShouldHaveSingleItem().ShouldStartWith($"the flow of order {order} is open");
        Flow(flow => flow with { Outcome = "rejected" }).Unexplained.ShouldHaveSingleItem().ShouldContain("is rejected after 5 events");
        Flow(flow => flow with { Events = 6 }).Unexplained.ShouldHaveSingleItem().ShouldContain("is completed after 6 events");
        Flow(flow => flow with { Stages = null }).Lost.ShouldHaveSingleItem().ShouldContain("has no latency ledger");
        Flow(flow => flow with { EndToEndMicros = 1001 }).Unexplained.ShouldHaveSingleItem().ShouldContain("sums to 1000 µs; its customer was told after 1001 µs");
    }

    [Fact]
    public void A_flow_that_ended_in_time_and_was_stored_late_has_missed_nothing()
    {
        Place(OrderRow.Completed);

        Flow(flow => flow with { IsLate = true }).Unexplained.ShouldHaveSingleItem().ShouldEndWith("took 4.0 ms of 5, and the Monitor says of its deadline: missed");
        Flow(flow => flow with { IsLate = null }).Unexplained.ShouldHaveSingleItem().ShouldEndWith("nothing");
        Flow(flow => flow with { TotalMicros = 5001 }).Unexplained.ShouldHaveSingleItem().ShouldEndWith("kept");
        Flow(flow => flow with { TotalMicros = 5001, IsLate = true }).IsClean.ShouldBeTrue();
    }

    [Fact]
    public void What_nobody_published_is_unexplained()
    {
        Place(OrderRow.Completed);
        var (once, stranger) = (_store, Guid.NewGuid());

        _store = once with { Events = [.. once.Events, Event("order.created", stranger)] };
        Compare().Unexplained.ShouldContain($"the Monitor knows an order '{stranger}', which does not exist");

        _store = once with { Events = [.. once.Events, Event("order.rejected", _facts.Orders[0].Id)] };
        Compare().Unexplained.ShouldContain($"order.rejected of order {_facts.Orders[0].Id} is in the Monitor's store, and nobody else knows of it");

        _store = once with { Unreadable = 3 };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("set aside 3 messages");
    }

    [Fact]
    public void What_the_Monitor_says_of_itself_has_to_agree()
    {
        Place(OrderRow.Completed);
        var once = _store;

        _store = once with { Account = once.Account with { UnstoredEvents = null } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldContain("unknown many events wait for it");

        _store = once with { Account = once.Account with { Drifts = null } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldBe("the Monitor's reconciliation did not settle");

        _store = once with { Account = once.Account with { Drifts = new Dictionary<string, long> { ["order.created at order-service"] = -2, ["payment.requested at payment-service"] = 1 } } };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe("the Monitor's reconciliation is left with a drift of -2 of order.created at order-service");
        Compare().Lost.ShouldHaveSingleItem().ShouldContain("drift of 1 of payment.requested");

        _store = once with { Account = once.Account with { OpenFlows = 1 } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldContain("1 flows are open");

        _store = once with { Counts = new Dictionary<string, long>() };
        Compare(counted: false).Unexplained.ShouldContain("the Monitor has counted 0 order.created, and stored 1");
    }

    private static StoredEvent Event(string type, Guid order) => new(Guid.NewGuid(), type, order.ToString(), "", 1);

    private Findings Flow(Func<StoredFlow, StoredFlow> change)
    {
        var once = _store;
        _store = once with { Flows = [change(once.Flows[0])] };
        var findings = Compare();
        _store = once;
        return findings;
    }

    private Findings Compare(bool counted = true)
    {
        var findings = new Findings();
        var counts = _store.Events.GroupBy(one => one.WireType).ToDictionary(type => type.Key, type => type.Sum(one => one.Times));
        StoreComparison.Add(_facts, counted ? _store with { Counts = counts } : _store, Deadline, findings);
        return findings;
    }

    /// <summary>An order with everything that belongs to it.</summary>
    private Guid Place(string status, bool paid = true)
    {
        var id = Guid.NewGuid();
        string[] types =
        [
            "order.created", .. paid ? ["payment.requested", "payment.processed"] : Array.Empty<string>(), status == OrderRow.Completed ? "order.processed" : "order.rejected", "notification.sent",
        ];
        _facts = _facts with
        {
            Orders = [.. _facts.Orders, new(id, $"order-{id}", status, null, 1, new Dictionary<string, int>())],
            Payments = paid ? [.. _facts.Payments, new(Guid.NewGuid(), id, status == OrderRow.Completed)] : _facts.Payments,
        };
        _store = _store with
        {
            Events = [.. _store.Events, .. types.Select(type => Event(type, id))],
            Flows = [.. _store.Flows, new(id.ToString(), "ended", status, types.Length) { TotalMicros = 4000, IsLate = false, Stages = Ledger, EndToEndMicros = 1000 }],
        };
        return id;
    }
}
