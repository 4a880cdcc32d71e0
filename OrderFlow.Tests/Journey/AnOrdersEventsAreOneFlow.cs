using System.Globalization;
using OrderFlow.Tests.Telemetry.Otlp;

namespace OrderFlow.Tests.Journey;

[Collection(JourneyFixture.Collection)]
public sealed class AnOrdersEventsAreOneFlow(JourneyFixture journey)
{
    private const string ClientTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientSpan = "b7ad6b7169203331";
    private static readonly string[] AllEvents = ["order.created", "order.processed", "notification.sent"];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Correlation_origin_and_flow_are_the_same_and_causation_leads_back_to_the_first()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken, request => request.Headers.Add("X-Correlation-ID", "my-correlation-7"));

        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents, CancellationToken);
        var (created, processed, sent) = (events["order.created"], events["order.processed"], events["notification.sent"]);

        events.Values.Select(tapped => tapped.CorrelationId).Distinct().ShouldBe(["my-correlation-7"]);
        events.Values.Select(tapped => tapped.Header("flow")).Distinct().ShouldBe(["OrderCreationFlow"]);
        events.Values.Select(tapped => tapped.Header("origin-timestamp")).Distinct().Count().ShouldBe(1);
        events.Values.Select(tapped => tapped.MessageId).Distinct().Count().ShouldBe(3);
        created.Header("causation-id").ShouldBeNull();
        processed.Header("causation-id").ShouldBe(created.MessageId);
        sent.Header("causation-id").ShouldBe(processed.MessageId);
        (created.AppId, processed.AppId, sent.AppId).ShouldBe(("gateway", "order-service", "notification-service"));
    }

    [Fact]
    public async Task Publish_times_follow_the_origin_in_order()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);

        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents, CancellationToken);

        long[] times = [Micros(events["order.created"], "origin-timestamp"), .. AllEvents.Select(type => Micros(events[type], "published-at"))];
        times.ShouldBe([.. times.Order()]);
        DateTimeOffset.UnixEpoch.AddTicks(times[0] * 10).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task One_order_is_one_trace_over_all_three_services()
    {
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Headers.Add("traceparent", $"00-{ClientTrace}-{ClientSpan}-01"));
        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents, CancellationToken);
        events.Values.Select(tapped => tapped.Header("traceparent")!.Split('-')[1]).Distinct().ShouldBe([ClientTrace]);

        // From the last span back to the client's, by parent ids alone.
        await journey.Host.Spans.WaitUntilAsync(() => Trace().Count(IsProcess) >= 2);
        var spans = Trace();
        var chain = new List<string>();
        var last = spans.Single(span => span.Service == "notification-service" && IsProcess(span));
        for (var span = last; span is not null; span = spans.SingleOrDefault(parent => parent.SpanId == span.ParentSpanId))
        {
            chain.Add($"{span.Service}: {span.Name}");
            if (span.ParentSpanId == ClientSpan)
            {
                break;
            }
        }

        chain.ShouldBe(
        [
            "notification-service: process notification-service",
            "order-service: send order.events",
            "order-service: process order-service",
            "gateway: send order.events",
            "gateway: POST /orders",
        ]);

        List<ReceivedSpan> Trace() => [.. journey.Host.Spans.Spans.Where(span => span.TraceId == ClientTrace)];
        static bool IsProcess(ReceivedSpan span) => span.Name.StartsWith("process ", StringComparison.Ordinal);
    }

    private static long Micros(TappedEvent tapped, string header) => long.Parse(tapped.Header(header)!, CultureInfo.InvariantCulture);
}
