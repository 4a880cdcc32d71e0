using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class TelemetryTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_flow_is_one_trace_from_send_to_process_to_send()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>(
            (context, order, cancellation) => context.PublishAsync(new OrderProcessed { OrderId = order.OrderId }, cancellation));
        var handler = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();
        using var root = new Activity("the click").AddBaggage("campaign", "spring sale");
        root.TraceStateString = "vendor=1";
        using var spans = new SpanRecorder(root);

        root.Start();
        var traceId = root.TraceId;
        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, context, Cancellation);
        root.Stop();

        await Wait.UntilAsync("three spans have ended", () => spans.Of(traceId).Count() == 3);
        var send = spans.Of(traceId).Single(
            span => span.OperationName == $"send {bus.Domain}.events:{bus.Created}" && span.ParentSpanId == root.SpanId);
        var process = spans.Of(traceId).Single(span => span.Kind == ActivityKind.Consumer);
        var child = spans.Of(traceId).Single(span => span.Kind == ActivityKind.Producer && span != send);
        send.Kind.ShouldBe(ActivityKind.Producer);
        Tags(send).ShouldBe(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["messaging.system"] = "rabbitmq",
            ["messaging.operation.name"] = "send",
            ["messaging.operation.type"] = "send",
            ["messaging.destination.name"] = $"{bus.Domain}.events:{bus.Created}",
            ["server.address"] = "127.0.0.1",
            ["server.port"] = bus.Node.Port,
            ["messaging.rabbitmq.destination.routing_key"] = bus.Created,
            ["messaging.message.id"] = context.EventId.ToString(),
            ["messaging.message.conversation_id"] = context.CorrelationId,
            ["messaging.message.body.size"] = 5,
        }, ignoreOrder: true);
        process.OperationName.ShouldBe($"process {bus.Domain}.events:{bus.Created}:{handler.Name}");
        process.ParentSpanId.ShouldBe(send.SpanId);
        process.HasRemoteParent.ShouldBeTrue();
        process.TraceStateString.ShouldBe("vendor=1");
        process.GetBaggageItem("campaign").ShouldBe("spring sale");
        Tags(process)["orderflow.buffer_micros"].ShouldBeOfType<long>().ShouldBeGreaterThanOrEqualTo(0);
        Tags(process)
            .Where(tag => tag.Key != "orderflow.buffer_micros")
            .ToDictionary(StringComparer.Ordinal)
            .ShouldBe(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["messaging.system"] = "rabbitmq",
            ["messaging.operation.name"] = "process",
            ["messaging.operation.type"] = "process",
            ["messaging.destination.name"] = $"{bus.Domain}.events:{bus.Created}:{handler.Name}",
            ["messaging.rabbitmq.destination.routing_key"] = bus.Created,
            ["messaging.rabbitmq.message.delivery_tag"] = 1L,
            ["messaging.message.id"] = context.EventId.ToString(),
            ["messaging.message.conversation_id"] = context.CorrelationId,
            ["messaging.message.body.size"] = 5,
            ["server.address"] = "127.0.0.1",
            ["server.port"] = bus.Node.Port,
        }, ignoreOrder: true);
        child.ParentSpanId.ShouldBe(process.SpanId);
    }

    [Fact]
    public async Task The_spans_of_a_batch_are_siblings()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var publisher = await bus.StartPublisherAsync(requireSubscriber: false);
        using var root = new Activity("the batch");
        using var spans = new SpanRecorder(root);

        root.Start();
        await publisher.Publisher.PublishAsync(
            [.. Enumerable.Range(0, 3).Select(_ => new OutgoingEvent(new OrderCreated(), Flow.Start()))], Cancellation);
        Activity.Current.ShouldBe(root);

        spans.Of(root.TraceId).Select(span => span.ParentSpanId).ShouldBe([root.SpanId, root.SpanId, root.SpanId]);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("")]
    public async Task A_trace_parent_that_is_none_begins_a_new_trace(string traceParent)
    {
        await using var bus = await TestBus.OnAsync(broker);
        string? seen = null;
        var script = new HandlerScript<OrderCreated>((_, _, _) =>
        {
            seen = Activity.Current?.ParentId ?? "none";
            return Task.CompletedTask;
        });
        var handler = await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        using var root = new Activity("unrelated");
        using var spans = new SpanRecorder(root);
        var message = Garbage.Good(bus);
        message.Headers![HeaderNames.TraceParent] = traceParent;

        await raw.SendAsync(handler.Name, message, default);

        await Wait.UntilAsync("it is handled", () => seen is not null);
        seen.ShouldBe("none");
    }

    [Fact]
    public async Task What_is_published_and_handled_is_counted_and_timed_under_bounded_labels()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>(
            (_, order, _) => order.OrderId == "bad" ? throw new InvalidOperationException("no") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:RetryDelay"] = "00:00:00.001");
        var publisher = await bus.StartAsync("publisher", wiring => wiring.Publishes<OrderCreated>().Publishes<OrderProcessed>());
        using var sent = new MetricRecorder(publisher);
        using var received = new MetricRecorder(handler);

        await publisher.PublishAsync(new OrderCreated { OrderId = "good" }, cancellationToken: Cancellation);
        await publisher.PublishAsync(new OrderCreated { OrderId = "bad" }, cancellationToken: Cancellation);
        await Should.ThrowAsync<PublishException>(publisher.PublishAsync(new OrderProcessed(), cancellationToken: Cancellation));
        await (await bus.ConnectRawAsync()).SendAsync(handler.Name, new BasicProperties { Type = "o'; drop table --" }, default);
        await Wait.UntilAsync("all is measured", () => received.Count("messaging.process.duration") == 3);

        var name = typeof(ScriptedHandler<OrderCreated>).Name;
        sent.Sum("events.published").ShouldBe(2);
        sent.TagsOf("events.published").ShouldBe([$"event_type={bus.Created} source={publisher.Name}"]);
        sent.Count("events.publish.duration").ShouldBe(2);
        sent.TagsOf("events.publish.failures").ShouldBe([$"event_type={bus.Processed} reason=unroutable source={publisher.Name}"]);
        sent.Sum("messaging.client.sent.messages").ShouldBe(3);
        sent.TagsOf("messaging.client.operation.duration").ShouldBe(
            [
                $"messaging.destination.name={bus.Domain}.events:{bus.Created} "
                + "messaging.operation.name=send messaging.operation.type=send messaging.system=rabbitmq",
                $"error.type=unroutable messaging.destination.name={bus.Domain}.events:{bus.Processed} "
                + "messaging.operation.name=send messaging.operation.type=send messaging.system=rabbitmq",
            ]);
        received.TagsOf("events.handled").ShouldBe(
            [$"event_type={bus.Created} handler={name} status=success", $"event_type={bus.Created} handler={name} status=failure"],
            ignoreOrder: true);
        received.Sum("events.handled").ShouldBe(2);
        received.Count("events.handling.duration").ShouldBe(2);
        received.Sum("events.handling.errors").ShouldBe(4);
        received.TagsOf("events.handling.errors").ShouldBe(
            [$"error_type=InvalidOperationException event_type={bus.Created} handler={name}"]);
        received.Sum("events.retried").ShouldBe(3);
        received.Sum("events.retry.failed").ShouldBe(1);
        received.TagsOf("events.dead_lettered").ShouldBe(
            [$"event_type={bus.Created} handler={name} reason=handler_failed", "event_type=unknown handler=unknown reason=unknown_type"],
            ignoreOrder: true);
        received.Sum("events.handler.active").ShouldBe(0);
        received.Sum("messaging.client.consumed.messages").ShouldBe(3);
        received.Count("event.clock_skew.detected").ShouldBe(0);
    }

    [Fact]
    public async Task An_event_from_the_future_is_counted_as_clock_skew()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        using var received = new MetricRecorder(handler);
        var raw = await bus.ConnectRawAsync();
        var message = Garbage.Good(bus);
        message.AppId = "gateway";
        message.Headers![HeaderNames.PublishedAt] = UnixMicroseconds.From(DateTimeOffset.UtcNow.AddMinutes(1));
        await raw.SendAsync(handler.Name, message, default);
        message.AppId = "{no service's name}";
        await raw.SendAsync(handler.Name, message, default);

        await script.SeesAsync(2);
        received.TagsOf("event.clock_skew.detected").ShouldBe(
            [$"consumer={handler.Name} producer=gateway", $"consumer={handler.Name} producer=unknown"]);
    }

    [Fact]
    public async Task Every_log_line_of_a_handler_carries_the_ids_of_its_event()
    {
        await using var bus = await TestBus.OnAsync(broker);
        TestService? service = null;
        var script = new HandlerScript<OrderCreated>((_, _, _) =>
        {
            ((ILoggerFactory)service!.Host.Services.GetService(typeof(ILoggerFactory))!).CreateLogger("handler's own").LogInformation(
                "here");
            return Task.CompletedTask;
        });
        service = await bus.StartHandlerAsync(script);
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();
        using var root = new Activity("the click");
        using var spans = new SpanRecorder(root);
        root.Start();

        await publisher.PublishAsync(new OrderCreated(), context, Cancellation);

        await Wait.UntilAsync("it is logged as handled", () => service.Logs.Lines.Any(line => line.EventId == 1002));
        foreach (var line in service.Logs.Lines.Where(line => line.Category == "handler's own" || line.EventId == 1002))
        {
            line.Scope["CorrelationId"].ShouldBe(context.CorrelationId);
            line.Scope["EventId"].ShouldBe(context.EventId.ToString());
            line.Scope["TraceId"].ShouldBe(root.TraceId.ToHexString());
        }

        service.Logs.Lines.Count(line => line.Category == "handler's own").ShouldBe(1);
        publisher.Logs.Lines.ShouldContain(line => line.EventId == 1001 && line.Level == LogLevel.Debug);
    }

    private static Dictionary<string, object?> Tags(Activity span) =>
        span.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);
}
