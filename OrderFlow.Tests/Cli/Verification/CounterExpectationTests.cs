using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;
using OrderFlow.Cli.Verification;
using OrderFlow.Tests.Support.Cli;

namespace OrderFlow.Tests.Cli.Verification;

public sealed class CounterExpectationTests : OrderScenario
{
    [Fact]
    public void An_order_that_timed_out_and_is_refunded_counts_its_events_and_its_refund()
    {
        var order = Place(OrderAnswer.Accepted, approved: false);
        Observed = Observed with
        {
            Orders = [Observed.Orders[0] with { Reason = "payment_timeout", IsRefundRequested = true, IsRefunded = true }],
            Payments = [new(Guid.NewGuid(), order, IsApproved: true, IsRefunded: true)],
        };

        var expected = CounterExpectation.Of(Observed).ToLookup(one => one.Metric, one => one.Values);
        expected["orders_refunds_requested_total"].Single()[""].ShouldBe(1);
        expected["payments_refunded_total"].Single()[""].ShouldBe(1);
        expected["events_effects_total"].First().ShouldBe(
            new Dictionary<string, double>
            {
                ["order.created"] = 1,
                ["payment.processed"] = 1,
                ["order.payment-overdue"] = 1,
                ["payment.refunded"] = 1,
            }, ignoreOrder: true);
    }

    [Fact]
    public void The_latency_histogram_must_count_each_notified_customer_and_each_flow_that_a_service_gave_up_once()
    {
        PlaceInStock();
        Place(OrderAnswer.Accepted, approved: false);
        Observed = Observed with
        {
            DeadLetters =
            [
                GivenUp("order-service", "flow-1", "delivery_limit"), GivenUp("order-service", "flow-1", "handler_failed"),
                GivenUp("payment-service", "flow-1", "delivery_limit"),
                GivenUp("payment-service", "flow-2", "permanent_failure") with { IsWiped = true },
                GivenUp("order-service", "flow-3", "invalid_header"),
                GivenUp("order-service", "flow-4", "handler_failed") with { Flow = null },
                GivenUp("order-service", "flow-5", "broker: delivery_limit") with { Handler = null },
            ],
        };

        var histogram = CounterExpectation.Of(Observed)
            .Where(expectation => expectation.Metric == "event_processing_end_to_end_latency_seconds_count")
            .ToArray();

        histogram[0].Query.ShouldBe(
            "sum by (status) (event_processing_end_to_end_latency_seconds_count{event_type=\"OrderCreationFlow\"})");
        histogram[0].Values.ShouldBe(new Dictionary<string, double> { ["success"] = 2, ["failure"] = 3 }, ignoreOrder: true);
        histogram[0].Compare(new Dictionary<string, double> { ["success"] = 2, ["failure"] = 3 }).ShouldAllBe(check => check.Agrees);
        histogram[0].Compare(new Dictionary<string, double> { ["success"] = 2, ["failure"] = 2 })
            .Count(check => !check.Agrees)
            .ShouldBe(1);
        histogram[1].Query.ShouldBe(
            "sum by (attempt) (event_processing_end_to_end_latency_seconds_count{event_type=\"OrderCreationFlow\", "
            + "attempt=\"replayed\"})");
        histogram[1].Compare(new Dictionary<string, double> { ["replayed"] = 0 }).ShouldHaveSingleItem().Agrees.ShouldBeTrue();
        histogram[1].Compare(new Dictionary<string, double> { ["replayed"] = 1 }).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
    }

    [Fact]
    public void An_event_that_is_given_up_after_its_customer_was_notified_has_no_effect_and_fails_no_flow()
    {
        var order = PlaceInStock().ToString();
        Observed = Observed with
        {
            Notifications = [Observed.Notifications[0] with { IsHandled = false }],
            DeadLetters = [GivenUp("notification-service", "flow-1", "delivery_limit") with { OrderId = order }],
        };

        Latency().ShouldBe(new Dictionary<string, double> { ["success"] = 1 });
        Notified().ShouldBeEmpty();

        // What was given up first, and sent by a second copy of the event, is both.
        Observed = Observed with { Notifications = [Observed.Notifications[0] with { IsHandled = true, IsGivenUp = true }] };
        Latency().ShouldBe(new Dictionary<string, double> { ["success"] = 1, ["failure"] = 1 }, ignoreOrder: true);
        Notified().ShouldBe(new Dictionary<string, double> { ["order.processed"] = 1 });

        IReadOnlyDictionary<string, double> Latency() => CounterExpectation.Of(Observed)
            .First(expectation => expectation.Metric == "event_processing_end_to_end_latency_seconds_count").Values;

        IReadOnlyDictionary<string, double> Notified() =>
            CounterExpectation.Of(Observed).Single(expectation => expectation.Metric == "notifications_sent_total").Values;
    }

    [Fact]
    public void A_counter_that_differs_or_is_missing_disagrees()
    {
        PlaceInStock();
        var completed = CounterExpectation.Of(Observed).Single(expectation => expectation.Metric == "orders_completed_total");

        completed.Compare(new Dictionary<string, double> { [""] = 1 }).ShouldHaveSingleItem().Agrees.ShouldBeTrue();
        completed.Compare(new Dictionary<string, double> { [""] = 2 }).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
        completed.Compare(new Dictionary<string, double>()).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
        CounterExpectation.Of(Observed).Single(expectation => expectation.Metric == "orders_rejected_total")
            .Compare(new Dictionary<string, double> { ["out_of_stock"] = 1 }).ShouldHaveSingleItem().Agrees.ShouldBeFalse();
    }

    private static DeadLetter GivenUp(string service, string flow, string reason) =>
        new($"{service}.dead-letters", null, reason, "order.created", null)
        {
            Handler = "Handler",
            Flow = "OrderCreationFlow",
            CorrelationId = flow,
        };
}
