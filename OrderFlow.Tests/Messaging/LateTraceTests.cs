using System.Collections.Concurrent;
using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class LateTraceTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delayed_retry_begins_a_trace_of_its_own_that_links_to_the_first()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>(
            (context, _, _) => context.Event.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(script, settings =>
        {
            settings["Messaging:Retries"] = "0";
            settings["Messaging:RetryTiers"] = "100ms";
        });
        var publisher = await bus.StartPublisherAsync();
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OrderFlow.Messaging",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: Cancellation);

        await Wait.UntilAsync("both deliveries have ended", () => Processed().Count == 2);
        var send = ended.Single(span =>
            span.Kind == ActivityKind.Producer
                && Equals(span.GetTagItem("messaging.destination.name"), $"{bus.Domain}.events:{bus.Created}"));
        var (first, later) = (Processed()[0], Processed()[1]);
        (first.TraceId, first.ParentSpanId).ShouldBe((send.TraceId, send.SpanId));
        first.Links.ShouldBeEmpty();
        later.TraceId.ShouldNotBe(send.TraceId);
        later.ParentSpanId.ShouldBe(default);
        (first.GetTagItem(SpanAttributes.WaitedAs), later.GetTagItem(SpanAttributes.WaitedAs)).ShouldBe((null, "retry"));
        later.Links.Single().Context.SpanId.ShouldBe(send.SpanId);
        later.Links.Single().Context.TraceId.ShouldBe(send.TraceId);
        handler.Logs.Lines.Single(line => line.EventId == 1002).Scope["TraceId"].ShouldBe(later.TraceId.ToHexString());

        List<Activity> Processed() =>
            [.. ended.Where(span => span.OperationName == $"process {bus.Domain}.events:{bus.Created}:{handler.Name}")];
    }
}
