using System.Collections.Concurrent;
using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support.RabbitMQ;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.Messaging;

[Collection(LiveTelemetry.Name)]
public sealed class ClientTracingTests(BrokerFixture broker)
{
    [Fact]
    public async Task The_trace_in_the_queue_is_that_of_the_send_span_though_somebody_listens_to_the_client()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OrderFlow.Messaging" || source.Name.StartsWith(
                "RabbitMQ.Client", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var raw = await bus.ConnectRawAsync();
        var queue = await raw.TapAsync($"{bus.Domain}.events");
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(new OrderCreated { OrderId = "o-1" }, cancellationToken: TestContext.Current.CancellationToken);

        var message = await raw.GetAsync(queue);
        var send = ended.Single(span => span.OperationName == $"send {bus.Domain}.events:{bus.Created}");
        message.BasicProperties.Text(HeaderNames.TraceParent).ShouldBe($"00-{send.TraceId}-{send.SpanId}-01");
        // It is listened to: otherwise it would write nothing anyway.
        ended.ShouldContain(span => span.Source.Name == "RabbitMQ.Client.Publisher");
    }
}
