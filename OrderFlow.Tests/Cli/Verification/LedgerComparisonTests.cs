using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;
using OrderFlow.Tests.Support.Cli;

namespace OrderFlow.Tests.Cli.Verification;

/// <summary>Every discrepancy that the comparison can find, made up one by one.</summary>
public sealed class LedgerComparisonTests : OrderScenario
{
    [Fact]
    public void A_consistent_system_has_no_discrepancies()
    {
        Place(OrderAnswer.Accepted);
        Place(OrderAnswer.Accepted, approved: false);
        Place(OrderAnswer.Accepted, unknownProduct: true);
        Place(OrderAnswer.Unknown);
        Known.Add(new("never-there", OrderAnswer.Unknown, default, Content(false)));
        Known.Add(new("refused", OrderAnswer.Refused, default, Content(false)));
        Observed = Observed with { StockAfter = Stock(996) };

        var discrepancies = Compare();

        discrepancies.IsClean.ShouldBeTrue(Text(discrepancies));
        discrepancies.UnknownThere.ShouldBe(1);
    }

    [Fact]
    public void An_accepted_order_that_is_not_there_is_lost()
    {
        var lost = Guid.NewGuid();
        Known.Add(new("order-1", OrderAnswer.Accepted, lost, Content(false)));

        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"order {lost} (order-1) was accepted, and is not in the orders database");
    }

    [Fact]
    public void An_order_whose_customer_was_not_notified_is_lost()
    {
        var order = PlaceInStock();
        Observed = Observed with { Notifications = [] };
        Compare().Lost.ShouldHaveSingleItem().ShouldContain($"order {order} is completed, and no notification is stored");

        Observed = Observed with
        {
            Notifications = [new(Guid.NewGuid(), order.ToString(), "order.processed", IsSent: true, 1)],
            Calls = [],
        };
        Compare().Lost.ShouldHaveSingleItem().ShouldBe($"the customer of order {order} is stored as notified, and got nothing");
    }

    [Fact]
    public void An_order_that_ended_without_its_payment_is_lost()
    {
        var unpaid = PlaceInStock();
        Observed = Observed with { Payments = [] };

        Compare().Lost.ShouldHaveSingleItem().ShouldContain($"order {unpaid} is completed (), and has no payment");
    }

    [Fact]
    public void An_order_that_timed_out_and_a_refunded_payment_are_no_discrepancies()
    {
        var order = Place(OrderAnswer.Accepted, approved: false);
        var timedOut = Observed = Observed with { Orders = [Observed.Orders[0] with { Reason = "payment_timeout" }] };

        foreach (var payments in (PaymentRow[][])[[], [new(Guid.NewGuid(), order, IsApproved: false)]])
        {
            Observed = timedOut with { Payments = payments };
            Compare().IsClean.ShouldBeTrue(Text(Compare()));
        }

        Observed = timedOut with
        {
            Orders = [timedOut.Orders[0] with { IsRefundRequested = true, IsRefunded = true }],
            Payments = [new(Guid.NewGuid(), order, IsApproved: true, IsRefunded: true)],
        };
        Compare().IsClean.ShouldBeTrue(Text(Compare()));
    }

    [Fact]
    public void A_payment_kept_for_a_rejected_order_or_refunded_for_a_completed_one_is_a_discrepancy()
    {
        var order = Place(OrderAnswer.Accepted, approved: false);
        Observed = Observed with
        {
            Orders = [Observed.Orders[0] with { Reason = "payment_timeout" }],
            Payments = [new(Guid.NewGuid(), order, IsApproved: true)],
        };
        Compare().Lost.ShouldHaveSingleItem()
            .ShouldBe($"order {order} is rejected (payment_timeout), its payment was approved, and is not refunded");

        Observed = new() { StockBefore = Stock(1000) };
        Known.Clear();
        var completed = PlaceInStock();
        Observed = Observed with { Payments = [Observed.Payments[0] with { IsRefunded = true }] };
        Compare().Unexplained.ShouldHaveSingleItem()
            .ShouldBe($"order {completed} is completed; its payment was approved, and a refund of it made");
    }

    [Fact]
    public void A_second_payment_notification_end_reservation_or_order_is_doubled()
    {
        var order = PlaceInStock();
        var once = Observed;

        Observed = once with { Payments = [.. once.Payments, new(Guid.NewGuid(), order, IsApproved: true)] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldBe($"order {order} has 2 payments");

        Observed = once with { Calls = [.. once.Calls, new(Guid.NewGuid(), order.ToString(), "order.processed", 1)] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("notified under 2 different ids");

        Observed = once with { Orders = [once.Orders[0] with { Ends = 2 }] };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain($"order {order} ended 2 times");

        Observed = once with { StockAfter = Stock(996) };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("2 were reserved twice");

        Observed = once with { StockAfter = Stock(1000) };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("2 were released twice");

        Observed = once with
        {
            Orders = [.. once.Orders, once.Orders[0] with { Id = Guid.NewGuid(), Status = "awaiting_payment" }],
            StockAfter = Stock(996),
        };
        Compare().Doubled.ShouldHaveSingleItem().ShouldContain("is 2 orders");
    }

    [Fact]
    public void A_notification_repeated_under_the_same_id_is_counted_and_is_no_discrepancy()
    {
        PlaceInStock();
        Observed = Observed with { Calls = [.. Observed.Calls.Select(call => call with { Times = 3 })] };

        var discrepancies = Compare();

        discrepancies.IsClean.ShouldBeTrue(Text(discrepancies));
        discrepancies.NotifiedAgain.ShouldBe(2);
    }

    [Fact]
    public void An_order_a_notification_or_a_queue_that_does_not_finish_is_stuck()
    {
        var order = PlaceInStock();
        var once = Observed;

        Observed = once with { Orders = [once.Orders[0] with { Status = "awaiting_payment", Ends = 0 }] };
        Compare().Stuck.ShouldHaveSingleItem().ShouldBe($"order {order} is awaiting_payment");

        Observed = once with { Notifications = [once.Notifications[0] with { IsSent = false, Attempts = 4 }] };
        Compare().Stuck.ShouldHaveSingleItem().ShouldContain("still 'telling' after 4 attempts");

        Observed = once with { Remaining = new Dictionary<string, long> { ["order-service"] = 0, ["outbox of orders"] = 3 } };
        Compare().Stuck.ShouldHaveSingleItem().ShouldBe("outbox of orders still holds 3");
    }

    [Fact]
    public void An_order_notification_payment_or_process_end_without_a_cause_is_unexplained()
    {
        var order = PlaceInStock();
        var once = Observed;

        Observed = once with
        {
            Orders = [.. once.Orders, new(Guid.NewGuid(), "somebody-else", "awaiting_payment", null, 0, Pieces)],
            StockAfter = Stock(996),
        };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("(somebody-else) was placed by nobody");

        Observed = once with { Calls = [.. once.Calls, new(Guid.NewGuid(), "", "order.processed", 1)] };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldBe("a customer was notified of order '', which does not exist");

        Observed = once with { Payments = [once.Payments[0] with { IsApproved = false }] };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldBe($"order {order} is completed (); its payment was declined");

        Observed = once with
        {
            Orders = [once.Orders[0] with { Pieces = new Dictionary<string, int> { ["item-1"] = 1, ["item-2"] = 1 } }],
            StockBefore = Stock(1000),
            StockAfter = Stock(999),
        };
        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("its customer ordered 2 × item-1");

        Observed = once with { UnexplainedEnds = ["gateway/1 ended"] };
        Compare().Unexplained.ShouldBe(["gateway/1 ended"]);
    }

    [Fact]
    public void A_refused_order_that_exists_is_unexplained()
    {
        Place(OrderAnswer.Refused);
        Observed = Observed with { StockAfter = Stock(998) };

        Compare().Unexplained.ShouldHaveSingleItem().ShouldContain("was refused, and is in the orders database");
    }
}
