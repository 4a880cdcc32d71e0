using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Verification;

namespace OrderFlow.Tests.Cli.Chaos;

/// <summary>A checker that cannot find anything is worth nothing: each fault is made up, and must be named.</summary>
public sealed class ComparisonTests
{
    private readonly List<KnownOrder> _known = [];
    private ObservedState _facts = new() { StockBefore = Stock(1000), StockAfter = Stock(1000) };

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong()
    {
        Place(OrderFate.Accepted);
        Place(OrderFate.Accepted, approved: false);
        Place(OrderFate.Accepted, unknownProduct: true);
        Place(OrderFate.Unknown);
        _known.Add(new("never-there", OrderFate.Unknown, default, Content(false)));
        _known.Add(new("refused", OrderFate.Refused, default, Content(false)));
        _facts = _facts with { StockAfter = Stock(996) };

        var findings = Compare();

        findings.IsClean.ShouldBeTrue(Text(findings));
        findings.UnknownThere.ShouldBe(1);
    }

    [Fact]
    public void An_accepted_order_that_is_not_there_is_lost()
    {
        var lost = Guid.NewGuid();
        _known.Add(new("order-1", OrderFate.Accepted, lost, Content(false)));

        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"order {lost} (order-1) was accepted, and is not in the orders database");
    }

    [Fact]
    public void A_customer_who_was_not_told_is_lost()
    {
        var untold = PlaceInStock();
        _facts = _facts with { Notifications = [] };
        Compare().Lost.ShouldHaveSingleItem().ShouldContain($"order {untold} is completed, and no notification is noted");

        _facts = _facts with { Notifications = [new(Guid.NewGuid(), untold.ToString(), "order.processed", IsTold: true, 1)], Calls = [] };
        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"the customer of order {untold} is noted as told, and heard nothing");
    }

    [Fact]
    public void An_order_that_ended_without_its_payment_is_lost_money()
    {
        var unpaid = PlaceInStock();
        _facts = _facts with { Payments = [] };

        Compare().Lost.ShouldHaveSingleItem().ShouldContain($"order {unpaid} is completed (), and has no payment");
    }

    [Fact]
    public void An_order_that_timed_out_is_no_loss_and_neither_is_a_payment_that_is_refunded()
    {
        var order = Place(OrderFate.Accepted, approved: false);
        var timedOut = _facts = _facts with { Orders = [_facts.Orders[0] with { Reason = "payment_timeout" }] };

        foreach (var payments in (PaymentRow[][])[[], [new(Guid.NewGuid(), order, IsApproved: false)]])
        {
            _facts = timedOut with { Payments = payments };
            Compare().IsClean.ShouldBeTrue(Text(Compare()));
        }

        _facts = timedOut with
        {
            Orders = [timedOut.Orders[0] with { IsRefundRequested = true, IsRefunded = true }],
            Payments = [new(Guid.NewGuid(), order, IsApproved: true, IsRefunded: true)],
        };
        Compare().IsClean.ShouldBeTrue(Text(Compare()));
        var expected = CounterExpectation.Of(_facts).ToLookup(one => one.Metric, one => one.Values);
        expected["orders_refunds_requested_total"].Single()[""].ShouldBe(1);
        expected["payments_refunded_total"].Single()[""].ShouldBe(1);
        expected["events_effects_total"].First().ShouldBe(
            new Dictionary<string, double> { ["order.created"] = 1, ["payment.processed"] = 1, ["order.payment-overdue"] = 1, ["payment.refunded"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public void Money_that_is_kept_for_a_rejected_order_or_given_back_for_a_completed_one_is_found()
    {
        var order = Place(OrderFate.Accepted, approved: false);
        _facts = _facts with { Orders = [_facts.Orders[0] with { Reason = "payment_timeout" }], Payments = [new(Guid.NewGuid(), order, IsApproved: true)] };
        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"order {order} is rejected (payment_timeout), its payment was approved, and is not refunded");

        _facts = new() { StockBefore = Stock(1000) };
        _known.Clear();
        var completed = PlaceInStock();
        _facts = _facts with { Payments = [_facts.Payments[0] with { IsRefunded = true }] };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldBe($"order {completed} is completed; its payment was approved, and a refund of it made");
    }

    [Fact]
    public void What_happened_twice_is_doubled()
    {
        var order = PlaceInStock();
        var once = _facts;

        _facts = once with { Payments = [.. once.Payments, new(Guid.NewGuid(), order, IsApproved: true)] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe($"order {order} has 2 payments");

        _facts = once with { Calls = [.. once.Calls, new(Guid.NewGuid(), order.ToString(), "order.processed", 1)] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("told under 2 different ids");

        _facts = once with { Orders = [once.Orders[0] with { Ends = 2 }] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain($"order {order} ended 2 times");

        _facts = once with { StockAfter = Stock(996) };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("2 were reserved twice");

        _facts = once with { StockAfter = Stock(1000) };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("2 were released twice");

        _facts = once with { Orders = [.. once.Orders, once.Orders[0] with { Id = Guid.NewGuid(), Status = "awaiting_payment" }], StockAfter = Stock(996) };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("is 2 orders");
    }

    [Fact]
    public void The_same_notification_heard_twice_is_the_documented_window()
    {
        PlaceInStock();
        _facts = _facts with { Calls = [.. _facts.Calls.Select(call => call with { Times = 3 })] };

        var findings = Compare();

        findings.IsClean.ShouldBeTrue(Text(findings));
        findings.ToldAgain.ShouldBe(2);
    }

    [Fact]
    public void What_does_not_end_is_stuck()
    {
        var order = PlaceInStock();
        var once = _facts;

        _facts = once with { Orders = [once.Orders[0] with { Status = "awaiting_payment", Ends = 0 }] };
        Compare().Stuck.ShouldHaveSingleItem().ShouldBe($"order {order} is awaiting_payment");

        _facts = once with { Notifications = [once.Notifications[0] with { IsTold = false, Attempts = 4 }] };
        Compare().Stuck.ShouldHaveSingleItem().ShouldContain("still 'telling' after 4 attempts");

        _facts = once with { Left = new Dictionary<string, long> { ["order-service"] = 0, ["outbox of orders"] = 3 } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldBe("outbox of orders still holds 3");
    }

    [Fact]
    public void What_nobody_asked_for_is_unexplained()
    {
        var order = PlaceInStock();
        var once = _facts;

        _facts = once with { Orders = [.. once.Orders, new(Guid.NewGuid(), "somebody-else", "awaiting_payment", null, 0, Pieces)], StockAfter = Stock(996) };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("(somebody-else) was placed by nobody");

        _facts = once with { Calls = [.. once.Calls, new(Guid.NewGuid(), "", "order.processed", 1)] };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldBe("a customer was told of order '', which does not exist");

        _facts = once with { Payments = [once.Payments[0] with { IsApproved = false }] };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldBe($"order {order} is completed (); its payment was declined");

        _facts = once with { Orders = [once.Orders[0] with { Pieces = new Dictionary<string, int> { ["item-1"] = 1, ["item-2"] = 1 } }], StockBefore = Stock(1000), StockAfter = Stock(999) };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("its customer ordered 2 × item-1");

        _facts = once with { UnexplainedEnds = ["gateway/1 ended"] };
        Compare().Unexplained.ShouldBe(["gateway/1 ended"]);
    }

    [Fact]
    public void An_order_that_was_refused_and_exists_nevertheless_is_unexplained()
    {
        Place(OrderFate.Refused);
        _facts = _facts with { StockAfter = Stock(998) };

        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("was refused, and is in the orders database");
    }

    [Fact]
    public void An_order_whose_event_is_a_dead_letter_is_seen_and_not_lost()
    {
        var seen = Guid.NewGuid();
        _known.Add(new("order-1", OrderFate.Accepted, seen, Content(false)));
        _facts = _facts with { DeadLetters = [new("order-service.dead-letters", null, "handler_failed", "order.created", seen.ToString())] };

        var findings = Compare();

        findings.IsClean.ShouldBeTrue(Text(findings));
        findings.DeadLettered.ShouldContain($"order.created of order {seen} is in order-service.dead-letters: handler_failed");
    }

    [Fact]
    public void Garbage_must_be_a_dead_letter_with_a_reason_where_it_was_sent()
    {
        _facts = _facts with
        {
            Garbage = [Garbage("a"), Garbage("b"), Garbage("c"), Garbage("d")],
            DeadLetters =
            [
                new("x.dead-letters", "a", "unknown_type", null, null), new("x.dead-letters", "a", "unknown_type", null, null),
                new("y.dead-letters", "b", "unknown_type", null, null), new("x.dead-letters", "c", "", null, null),
                new("x.parking-lot", "d", "broker: delivery_limit", null, null),
            ],
        };

        var findings = Compare();

        findings.GarbageFound.ShouldBe(3);
        findings.GarbageTwice.ShouldBe(1);
        findings.Lost.ShouldBe(["garbage b is not in x.dead-letters"]);
        findings.Unexplained.ShouldBe(["garbage b is in y.dead-letters, where none was sent", "a dead letter in x.dead-letters (c) says no reason"], ignoreOrder: true);
    }

    [Fact]
    public void What_was_wiped_with_the_broker_after_it_was_read_is_found_and_said_to_be_gone()
    {
        var seen = Guid.NewGuid();
        _known.Add(new("order-1", OrderFate.Accepted, seen, Content(false)));
        _facts = _facts with
        {
            Garbage = [Garbage("a")],
            DeadLetters =
            [
                new("x.dead-letters", "a", "unknown_type", null, null) { IsWiped = true },
                new("order-service.dead-letters", null, "delivery_limit", "order.created", seen.ToString()) { IsWiped = true },
            ],
        };

        var findings = Compare();

        findings.IsClean.ShouldBeTrue(Text(findings));
        findings.GarbageFound.ShouldBe(1);
        findings.DeadLettered.ShouldContain($"order.created of order {seen} was in order-service.dead-letters when the broker's data was wiped: delivery_limit");
    }

    [Fact]
    public void The_histogram_must_count_each_customer_who_was_told_and_each_flow_that_a_service_gave_up_once()
    {
        PlaceInStock();
        Place(OrderFate.Accepted, approved: false);
        _facts = _facts with
        {
            DeadLetters =
            [
                GivenUp("order-service", "flow-1", "delivery_limit"), GivenUp("order-service", "flow-1", "handler_failed"), GivenUp("payment-service", "flow-1", "delivery_limit"),
                GivenUp("payment-service", "flow-2", "permanent_failure") with { IsWiped = true },
                GivenUp("order-service", "flow-3", "invalid_header"), GivenUp("order-service", "flow-4", "handler_failed") with { Flow = null },
                GivenUp("order-service", "flow-5", "broker: delivery_limit") with { Handler = null },
            ],
        };

        var histogram = CounterExpectation.Of(_facts).Where(expectation => expectation.Metric == "event_processing_end_to_end_latency_seconds_count").ToArray();

        histogram[0].Query.ShouldBe("sum by (status) (event_processing_end_to_end_latency_seconds_count{event_type=\"OrderCreationFlow\"})");
        histogram[0].Values.ShouldBe(new Dictionary<string, double> { ["success"] = 2, ["failure"] = 3 }, ignoreOrder: true);
        histogram[0].Compare(new Dictionary<string, double> { ["success"] = 2, ["failure"] = 3 }).ShouldAllBe(check => check.Agrees);
        histogram[0].Compare(new Dictionary<string, double> { ["success"] = 2, ["failure"] = 2 }).Count(check => !check.Agrees).ShouldBe(1);
        histogram[1].Query.ShouldBe("sum by (attempt) (event_processing_end_to_end_latency_seconds_count{event_type=\"OrderCreationFlow\", attempt=\"replayed\"})");
        histogram[1].Compare(new Dictionary<string, double> { ["replayed"] = 0 }).ShouldHaveSingleItem().Agrees.ShouldBeTrue();
        histogram[1].Compare(new Dictionary<string, double> { ["replayed"] = 1 }).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
    }

    [Fact]
    public void A_counter_that_differs_or_is_not_there_disagrees()
    {
        PlaceInStock();
        var completed = CounterExpectation.Of(_facts).Single(expectation => expectation.Metric == "orders_completed_total");

        completed.Compare(new Dictionary<string, double> { [""] = 1 }).ShouldHaveSingleItem().Agrees.ShouldBeTrue();
        completed.Compare(new Dictionary<string, double> { [""] = 2 }).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
        completed.Compare(new Dictionary<string, double>()).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
        CounterExpectation.Of(_facts).Single(expectation => expectation.Metric == "orders_rejected_total")
            .Compare(new Dictionary<string, double> { ["out_of_stock"] = 1 }).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
    }

    private static Dictionary<string, int> Pieces => new() { ["item-1"] = 2 };

    private static Dictionary<string, long> Stock(long pieces) => new() { ["item-1"] = pieces, ["item-2"] = 1000 - (pieces == 999 ? 1 : 0) };

    private static InjectedGarbage Garbage(string mark) => new(mark, ["x.dead-letters", "x.parking-lot"]);

    private static DeadLetter GivenUp(string service, string flow, string reason) =>
        new($"{service}.dead-letters", null, reason, "order.created", null) { Handler = "Handler", Flow = "OrderCreationFlow", CorrelationId = flow };

    private static OrderContent Content(bool unknownProduct) => new(Pieces, unknownProduct);

    private static string Text(Findings findings) => string.Join("; ", findings.Lost.Concat(findings.Doubled).Concat(findings.Stuck).Concat(findings.Unexplained));

    private Findings Compare() => Comparison.Of(_known, _facts);

    private Guid PlaceInStock()
    {
        var id = Place(OrderFate.Accepted);
        _facts = _facts with { StockAfter = Stock(998) };
        return id;
    }

    /// <summary>An order with everything that belongs to it.</summary>
    private Guid Place(OrderFate fate, bool approved = true, bool unknownProduct = false)
    {
        var (id, end, correlation) = (Guid.NewGuid(), Guid.NewGuid(), $"order-{_known.Count}");
        var (status, reason) = (unknownProduct, approved) switch
        {
            (true, _) => ("rejected", "unknown_product"),
            (_, true) => ("completed", null),
            _ => ("rejected", (string?)"payment_declined"),
        };
        var kind = status == "completed" ? "order.processed" : "order.rejected";
        _known.Add(new(correlation, fate, fate == OrderFate.Accepted ? id : default, Content(unknownProduct)));
        _facts = _facts with
        {
            Orders = [.. _facts.Orders, new(id, correlation, status, reason, 1, Pieces)],
            Payments = unknownProduct ? _facts.Payments : [.. _facts.Payments, new(Guid.NewGuid(), id, approved)],
            Notifications = [.. _facts.Notifications, new(end, id.ToString(), kind, IsTold: true, 1)],
            Calls = [.. _facts.Calls, new(end, id.ToString(), kind, 1)],
        };
        return id;
    }
}
