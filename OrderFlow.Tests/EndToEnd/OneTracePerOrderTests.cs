using System.Diagnostics;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>What the Aspire dashboard, or any other collector, gets to see of a running system.</summary>
public sealed class OneTracePerOrderTests
{
    private const string Request = "POST /orders";
    private const string LastSend = "send notification.events:notification.sent";
    private const int OrderCount = 5;

    /// <summary>Every request, send and delivery of an order that is completed, by service.</summary>
    internal static readonly string[] Hops =
    [
        $"{ResourceNames.Gateway}: {Request}",
        $"{ResourceNames.Gateway}: send order.events:order.created",
        $"{ResourceNames.OrderService}: process order.events:order.created:order-service",
        $"{ResourceNames.OrderService}: send payment.events:payment.requested",
        $"{ResourceNames.PaymentService}: process payment.events:payment.requested:payment-service",
        $"{ResourceNames.PaymentService}: send payment.events:payment.processed",
        $"{ResourceNames.OrderService}: process payment.events:payment.processed:order-service",
        $"{ResourceNames.OrderService}: send order.events:order.processed",
        $"{ResourceNames.NotificationService}: process order.events:order.processed:notification-service",
        $"{ResourceNames.NotificationService}: {LastSend}",
    ];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_order_is_one_trace_over_all_hops_and_nothing_else_is_traced()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken);
        // By then outboxes were polled, health was asked for, and Prometheus scraped every service several times.
        await host.Prometheus.WaitForAsync("min(count_over_time(up[1m]))", count => count >= 5, CancellationToken);

        for (var ended = 1; ended <= OrderCount; ended++)
        {
            // One by one: what a transaction does for several orders is in the trace of one of them.
            await Orders.PlaceAsync(host.Gateway, CancellationToken);
            await host.Spans.WaitForSpansAsync(spans => spans.Count(span => span.Name == LastSend) == ended, TimeSpan.FromSeconds(60));
        }

        var traces = await CompleteTracesAsync(host.Spans);

        traces.Count.ShouldBe(OrderCount);
        foreach (var trace in traces)
        {
            trace.Where(span => span.ParentSpanId.Length == 0).ShouldHaveSingleItem().Name.ShouldBe(Request);
            trace.Where(span => span.ParentSpanId.Length > 0 && trace.All(other => other.SpanId != span.ParentSpanId)).ShouldBeEmpty();
            Hops.ShouldBeSubsetOf(Names(trace));
            trace.Where(span => span.Source == "Npgsql").Select(span => span.Service).Distinct()
                .ShouldBe(
                    [ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService], ignoreOrder: true);
            trace.Where(span => span.Kind is ActivityKind.Producer or ActivityKind.Consumer).ShouldAllBe(span => IsMessaging(span));
        }
    }

    [Fact]
    public async Task A_delayed_retry_and_a_replay_are_traces_of_their_own_with_a_link_to_the_one_before()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken, "--Messaging:RetryTiers=200ms");
        await PressAsync(host, "fail-notifications");
        await Orders.PlaceAsync(host.Gateway, CancellationToken);
        const string process = "process order.events:order.processed:notification-service";
        // The first delivery, and the delayed one, after which it is a dead letter.
        await host.Spans.WaitForSpansAsync(spans => spans.Count(span => span.Name == process) == 2, TimeSpan.FromSeconds(60));
        await PressAsync(host, "heal-notifications");
        await Wait.UntilAsync(
            "no dead letter to replay",
            async () =>
                (await host.Commands.ExecuteCommandAsync(
                    host.Resource(ResourceNames.NotificationService), "replay-dead-letters", CancellationToken))
                    .Message?.Contains("\"replayed\":1", StringComparison.Ordinal) == true,
            TimeSpan.FromSeconds(60));

        var spans = await host.Spans.WaitForSpansAsync(all => all.Any(span => span.Name == LastSend), TimeSpan.FromSeconds(60));
        spans = await host.Spans.WaitForSpansAsync(all => all.Count(span => span.Name == process) == 3, TimeSpan.FromSeconds(60));

        var deliveries = spans.Where(span => span.Name == process).OrderBy(span => span.Started).ToList();
        deliveries.Select(span => span.TraceId).Distinct().Count().ShouldBe(3);
        deliveries[0].TraceId.ShouldBe(spans.Single(span => span.Name == Request).TraceId);
        deliveries[0].Links.ShouldBeEmpty();
        deliveries.Skip(1).ShouldAllBe(span => span.ParentSpanId.Length == 0 && span.Links.Count == 1);
        deliveries.Skip(1)
            .ShouldAllBe(span => spans.Any(linked => linked.TraceId == span.Links[0].TraceId && linked.SpanId == span.Links[0].SpanId));
        spans.Single(span => span.Name == LastSend).TraceId.ShouldBe(deliveries[2].TraceId);
    }

    /// <summary>Spans are exported in batches: complete is what has no hop missing and no parent that is not there.</summary>
    private static async Task<IReadOnlyList<IReadOnlyList<ReceivedSpan>>> CompleteTracesAsync(OtlpReceiver receiver)
    {
        var spans = await receiver.WaitForSpansAsync(
            all => all.GroupBy(span => span.TraceId).All(
                trace => Hops.All(Names(trace).Contains)
                    && trace.All(span => span.ParentSpanId.Length == 0 || trace.Any(other => other.SpanId == span.ParentSpanId))),
            TimeSpan.FromSeconds(60));
        return [.. spans.GroupBy(span => span.TraceId).Select(trace => trace.ToList())];
    }

    private static HashSet<string> Names(IEnumerable<ReceivedSpan> trace) => [.. trace.Select(span => $"{span.Service}: {span.Name}")];

    /// <summary>By the semantic conventions for messaging spans: opentelemetry.io/docs/specs/semconv/messaging/rabbitmq.</summary>
    private static bool IsMessaging(ReceivedSpan span)
    {
        var operation = span.Name.Split(' ')[0];
        return span.Kind == (operation == "send" ? ActivityKind.Producer : ActivityKind.Consumer)
            && Equals(span.Attributes.GetValueOrDefault("messaging.system"), "rabbitmq")
            && Equals(span.Attributes.GetValueOrDefault("messaging.operation.name"), operation)
            && Equals(span.Attributes.GetValueOrDefault("messaging.operation.type"), operation)
            && span.Name == $"{operation} {span.Attributes.GetValueOrDefault("messaging.destination.name")}"
            && span.Attributes.GetValueOrDefault("messaging.rabbitmq.destination.routing_key") is string { Length: > 0 }
            && span.Attributes.GetValueOrDefault("messaging.message.id") is string { Length: > 0 }
            && span.Attributes.GetValueOrDefault("messaging.message.conversation_id") is string { Length: > 0 };
    }

    private static async Task PressAsync(OrderFlowHost host, string command) =>
        (await host.Commands.ExecuteCommandAsync(host.Resource(ResourceNames.NotificationService), command, CancellationToken)).Success
            .ShouldBeTrue(command);
}
