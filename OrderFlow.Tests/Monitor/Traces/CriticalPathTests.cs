using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor.Traces;

public sealed class CriticalPathTests
{
    [Fact]
    public void Own_work_of_a_call_is_separated_from_what_it_waits_for()
    {
        new PathSpans()
            .Add("GET /orders/{id}", null, "gateway", "server", 1000, 1100)
            .Add("SELECT orders", "GET /orders/{id}", "gateway", "client", 1020, 1050)
            .Add("SELECT lines", "GET /orders/{id}", "gateway", "client", 1060, 1090)
            .Lines().ShouldBe(
            [
                "0-20 gateway: GET /orders/{id}",
                "20-50 gateway: SELECT orders",
                "50-60 gateway: GET /orders/{id}",
                "60-90 gateway: SELECT lines",
                "90-100 gateway: GET /orders/{id}",
            ]);
    }

    [Fact]
    public void Of_two_parallel_calls_the_one_that_ends_last_is_on_the_path()
    {
        new PathSpans()
            .Add("request", null, "shop", "server", 0, 100)
            .Add("slow call", "request", "shop", "client", 10, 90)
            .Add("quick call", "request", "shop", "client", 20, 60)
            .Lines().ShouldBe(["0-10 shop: request", "10-90 shop: slow call", "90-100 shop: request"]);
    }

    [Fact]
    public void Waits_in_broker_buffer_and_outbox_are_on_the_path_after_the_request_is_answered()
    {
        var spans = new PathSpans()
            .Add("POST /orders", null, "gateway", "server", 0, 60)
            .Add("send order.events:order.created", "POST /orders", "gateway", "producer", 20, 50)
            .Add(
                "process order.events:order.created:order-service",
                "send order.events:order.created",
                "order-service",
                "consumer",
                100,
                200,
                buffer: 30)
            .Add("INSERT orders", "process order.events:order.created:order-service", "order-service", "client", 120, 150)
            .Add(
                "send payment.events:payment.requested",
                "process order.events:order.created:order-service",
                "order-service",
                "producer",
                240,
                260)
            // Consumed before its producer got the confirm.
            .Add(
                "process payment.events:payment.requested:payment-service",
                "send payment.events:payment.requested",
                "payment-service",
                "consumer",
                250,
                400);

        spans.Lines().ShouldBe(
        [
            "0-20 gateway: POST /orders",
            "20-50 gateway: send order.created",
            "50-70 waiting before order-service: process order.created, in the broker",
            "70-100 waiting before order-service: process order.created, in its buffer",
            "100-120 order-service: process order.created",
            "120-150 order-service: INSERT orders",
            "150-200 order-service: process order.created",
            "200-240 waiting before order-service: send payment.requested, in the outbox",
            "240-250 order-service: send payment.requested",
            "250-400 payment-service: process payment.requested",
        ]);
        var path = spans.Path();
        path.Micros.ShouldBe(400);
        path.ClockSkews.ShouldBeEmpty();
        path.Shares[0].ShouldSatisfyAllConditions(
            share => share.Name.ShouldBe("payment-service: process payment.requested"),
            share => (share.Micros, share.Share, share.Times).ShouldBe((150, 0.375, 1)));
        path.Shares[1].ShouldSatisfyAllConditions(
            share => share.Name.ShouldBe("order-service: process order.created"),
            share => (share.Micros, share.Times).ShouldBe((70, 2)));
    }

    [Fact]
    public void Consumer_that_ends_before_its_producer_is_not_on_the_path()
    {
        new PathSpans()
            .Add("request", null, "shop", "server", 0, 100)
            .Add("send", "request", "shop", "producer", 10, 80)
            .Add("process", "send", "stock", "consumer", 20, 50)
            .Lines().ShouldBe(["0-10 shop: request", "10-80 shop: send", "80-100 shop: request"]);
    }

    [Fact]
    public void Delayed_retry_and_replay_follow_the_failed_attempts()
    {
        new PathSpans()
            .Add("send", null, "shop", "producer", 0, 10)
            .Add("first", "send", "stock", "consumer", 15, 40)
            .Add("elsewhere", "send", "mail", "consumer", 15, 300)
            .Add(
                "second",
                "send",
                "stock",
                "consumer",
                5050,
                5100,
                buffer: 10,
                trace: PathSpans.Retry,
                causeTrace: PathSpans.Trace,
                waitedAs: "retry")
            .Add(
                "third",
                "send",
                "stock",
                "consumer",
                9000,
                9010,
                trace: "the trace of the replay",
                causeTrace: PathSpans.Trace,
                waitedAs: "dead_letter")
            .Lines().ShouldBe(
            [
                "0-10 shop: send",
                "10-15 waiting before stock: first, in the broker",
                "15-40 stock: first",
                "40-5040 waiting before stock: second, for another attempt",
                "5040-5050 waiting before stock: second, in its buffer",
                "5050-5100 stock: second",
                "5100-9000 waiting before stock: third, as a dead letter",
                "9000-9010 stock: third",
            ]);
    }

    [Fact]
    public void Time_of_a_missing_span_is_unaccounted()
    {
        new PathSpans()
            .Add("POST /orders", null, "gateway", "server", 0, 50)
            .Add("process", "a span that never came", "stock", "consumer", 90, 120)
            .Lines().ShouldBe(
                ["0-50 gateway: POST /orders", "50-90 waiting before stock: process, no span says for what", "90-120 stock: process"]);
    }

    [Fact]
    public void Clock_skew_is_reported_and_makes_no_step_negative()
    {
        var spans = new PathSpans()
            .Add("request", null, "shop", "server", 100, 150)
            .Add("send", "request", "shop", "producer", 120, 140)
            // By its own clock, it began before the event was sent.
            .Add("process", "send", "stock", "consumer", 110, 300);

        spans.Lines().ShouldBe(["0-10 shop: request", "10-200 stock: process"]);
        var skew = spans.Path().ClockSkews.ShouldHaveSingleItem();
        (skew.Service, skew.Behind, skew.Micros).ShouldBe(("stock", "shop", 10));
    }

    [Fact]
    public void Flow_without_spans_has_no_path() => OrderFlow.Monitor.Traces.CriticalPathFinder.Of([]).ShouldBeNull();
}
