using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.EndToEnd;

[Collection(JourneyFixture.Collection)]
public sealed class EventFlowTests(JourneyFixture journey)
{
    private const string ClientTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientSpan = "b7ad6b7169203331";
    private static readonly string[] AllEvents =
    [
        "order.created", "payment.requested", "payment.processed", "order.processed", "notification.sent",
    ];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_events_of_an_order_share_correlation_origin_and_flow_and_their_causation_leads_to_the_first()
    {
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Headers.Add("X-Correlation-ID", "my-correlation-7"));

        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents);
        var path = AllEvents.Select(type => events[type]).ToList();

        events.Values.Select(tapped => tapped.CorrelationId).Distinct().ShouldBe(["my-correlation-7"]);
        events.Values.Select(tapped => tapped.Header("flow")).Distinct().ShouldBe(["OrderCreationFlow"]);
        events.Values.Select(tapped => tapped.Header("origin-timestamp")).Distinct().Count().ShouldBe(1);
        events.Values.Select(tapped => tapped.MessageId).Distinct().Count().ShouldBe(5);
        path.Select(tapped => tapped.Header("causation-id")).ShouldBe([null, .. path.SkipLast(1).Select(tapped => tapped.MessageId)]);
        path.Select(tapped => tapped.AppId)
            .ShouldBe(["gateway", "order-service", "payment-service", "order-service", "notification-service"]);
    }

    [Fact]
    public async Task The_tenant_is_on_every_event_and_finds_the_order_in_the_monitor()
    {
        var tenant = $"tenant-{Guid.NewGuid():N}";
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Headers.Add("X-Tenant-ID", tenant));

        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents);

        events.Values.Select(tapped => tapped.Header("tenant-id")).Distinct().ShouldBe([tenant]);
        events.Values.Select(tapped => tapped.Header("event-version")).Distinct().ShouldBe(["1"]);
        var found = default(JsonElement);
        await Wait.UntilAsync(
            () => $"the Monitor finds the order of {tenant}, and says: {found}",
            async () =>
                (found = await journey.Host.Monitor.GetFromJsonAsync<JsonElement>(
                    $"/api/orders?tenant={tenant}&status=ended", CancellationToken)).GetProperty("orders").GetArrayLength() > 0,
            TimeSpan.FromSeconds(30));
        var summary = found.GetProperty("orders").EnumerateArray().ShouldHaveSingleItem();
        (summary.GetProperty("orderId").GetString(), summary.GetProperty("tenantId").GetString(), summary.GetProperty("events").GetInt32())
            .ShouldBe((order, tenant, 5));
    }

    [Fact]
    public async Task A_large_order_is_published_compressed_and_completes()
    {
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway,
            new { items = Enumerable.Range(1, 100).Select(n => new { id = $"item-{n}", quantity = 2 }), userId = "user-123" },
            CancellationToken);

        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents);

        events["order.created"].Body.Span[..2].ToArray().ShouldBe([0x1F, 0x8B]);
        var shown = await journey.Host.Gateway.GetFromJsonAsync<JsonElement>($"/orders/{order}", CancellationToken);
        (shown.GetProperty("status").GetString(), shown.GetProperty("lines").GetArrayLength()).ShouldBe(("completed", 100));
        // Of its body, decompressed.
        var stored = default(JsonElement);
        await Wait.UntilAsync(() => $"the Monitor has the event, and says: {stored}", async () =>
        {
            using var answer = await journey.Host.Monitor.GetAsync(
                new Uri($"/api/events/{events["order.created"].MessageId}", UriKind.Relative), CancellationToken);
            stored = await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
            return answer.IsSuccessStatusCode;
        });
        stored.GetProperty("body").GetProperty("lines").GetArrayLength().ShouldBe(100);
    }

    [Fact]
    public async Task An_order_out_of_stock_is_rejected_and_its_customer_notified()
    {
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Content = JsonContent.Create(
                new { items = new[] { new { id = "item-gone", quantity = 1 } }, userId = "user-123" }));

        var events = await journey.Host.Tap.WaitForAsync(order, ["order.created", "order.rejected", "notification.sent"]);

        events.Keys.ShouldNotContain("payment.requested");
        events["order.rejected"].Header("causation-id").ShouldBe(events["order.created"].MessageId);
        events["notification.sent"].Header("causation-id").ShouldBe(events["order.rejected"].MessageId);
        var shown = await journey.Host.Gateway.GetFromJsonAsync<JsonElement>($"/orders/{order}", CancellationToken);
        shown.GetProperty("status").GetString().ShouldBe("rejected");
        shown.GetProperty("reason").GetString().ShouldBe("out_of_stock");
    }

    [Fact]
    public async Task An_order_can_be_read_with_its_history()
    {
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Headers.Add("X-Correlation-ID", "my-correlation-8"));
        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents);

        var shown = await journey.Host.Gateway.GetFromJsonAsync<JsonElement>($"/orders/{order}", CancellationToken);

        shown.GetProperty("correlationId").GetString().ShouldBe("my-correlation-8");
        shown.GetProperty("history")
            .EnumerateArray()
            .Select(step => (step.GetProperty("status").GetString(), step.GetProperty("eventId").GetString()))
            .ShouldBe([("awaiting_payment", events["order.created"].MessageId), ("completed", events["payment.processed"].MessageId)]);
    }

    [Fact]
    public async Task Two_concurrent_requests_with_one_key_are_one_order_with_one_notification()
    {
        var key = Guid.NewGuid().ToString();
        var placed = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Headers.Add("Idempotency-Key", key))));
        var order = placed.Distinct().ShouldHaveSingleItem();

        await journey.Host.Tap.WaitForAsync(order, AllEvents);

        journey.Host.Tap.CountOf(order, "order.created").ShouldBe(1);
        journey.Host.Tap.CountOf(order, "payment.requested").ShouldBe(1);
        journey.Host.Tap.CountOf(order, "notification.sent").ShouldBe(1);
    }

    [Fact]
    public async Task Publish_times_follow_the_origin_in_order()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);

        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents);

        long[] times =
        [
            Micros(events["order.created"], "origin-timestamp"), .. AllEvents.Select(type => Micros(events[type], "published-at")),
        ];
        times.ShouldBe([.. times.Order()]);
        DateTimeOffset.UnixEpoch.AddTicks(times[0] * 10).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task One_order_is_one_trace_over_all_four_services()
    {
        var order = await Orders.PlaceAsync(
            journey.Host.Gateway, CancellationToken, request => request.Headers.Add("traceparent", $"00-{ClientTrace}-{ClientSpan}-01"));
        var events = await journey.Host.Tap.WaitForAsync(order, AllEvents);
        events.Values.Select(tapped => tapped.Header("traceparent")!.Split('-')[1]).Distinct().ShouldBe([ClientTrace]);

        // From the last span back to the client's, by parent ids alone.
        // A service exports a span after those within it, so the first and the last of the trace are there last; a send may end after what
        // it led to.
        await journey.Host.Spans.WaitUntilAsync(() =>
            Trace().Count(IsProcess) >= 4 && Trace().Count(span => span.Name.StartsWith("send ", StringComparison.Ordinal)) >= 4
                && Trace().Exists(span => span.ParentSpanId == ClientSpan));
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
            "notification-service: process order.events:order.processed:notification-service",
            "order-service: send order.events:order.processed",
            "order-service: process payment.events:payment.processed:order-service",
            "payment-service: send payment.events:payment.processed",
            "payment-service: process payment.events:payment.requested:payment-service",
            "order-service: send payment.events:payment.requested",
            "order-service: process order.events:order.created:order-service",
            "gateway: send order.events:order.created",
            "gateway: POST /orders",
        ]);

        List<ReceivedSpan> Trace() => [.. journey.Host.Spans.Spans.Where(span => span.TraceId == ClientTrace)];
        static bool IsProcess(ReceivedSpan span) => span.Name.StartsWith("process ", StringComparison.Ordinal);
    }

    private static long Micros(TappedEvent tapped, string header) => long.Parse(tapped.Header(header)!, CultureInfo.InvariantCulture);
}
