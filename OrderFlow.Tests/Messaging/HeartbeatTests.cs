using System.Collections.Concurrent;
using System.Text;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Tests.Messaging;

public sealed class HeartbeatTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_tells_that_it_is_there_and_again_after_a_while()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var heard = await ListenAsync(bus);

        await bus.StartPublisherAsync(configure: settings => settings["Messaging:HeartbeatPeriod"] = "00:00:00.500");

        await Wait.UntilAsync(() => heard.Count >= 2);
        heard.ShouldAllBe(one => one.Handled.Count == 0 && one.Instance == $"{Environment.MachineName}:{Environment.ProcessId}");
    }

    [Fact]
    public async Task While_events_wait_it_tells_for_how_long()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var slow = new HandlerScript<OrderCreated>((_, _, aborting) => Task.Delay(300, aborting));
        await bus.StartHandlerAsync(slow, configure: settings =>
        {
            settings["Messaging:Concurrency"] = "1";
            settings["Messaging:HeartbeatPeriod"] = "00:10:00";
        });
        var heard = await ListenAsync(bus);
        var publisher = (await bus.StartPublisherAsync()).Publisher;

        await Task.WhenAll(Enumerable.Range(0, 5).Select(number => publisher.PublishAsync(
            new OrderCreated { OrderId = $"o-{number}" }, Flow.Start(), Cancellation)));

        await Wait.UntilAsync(() => Of(heard).Sum(one => one.Count) >= 4);
        Of(heard).ShouldAllBe(one => one.EventType == bus.Created);
        Of(heard).Max(one => one.MeanWaitMs).ShouldBeGreaterThan(800);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"service":"a"}""")]
    [InlineData("""{"service":"a","instance":null,"windowMs":1,"handled":[]}""")]
    [InlineData("""{"service":"a","instance":"b","windowMs":"x","handled":[]}""")]
    [InlineData("""{"service":"a","instance":"b","windowMs":1,"handled":[null]}""")]
    [InlineData("""{"service":"a","instance":"b","windowMs":1,"handled":[{"eventType":null,"count":1,"meanWaitMs":1}]}""")]
    [InlineData("""{"service":"a","instance":"b","windowMs":1,"handled":[{"eventType":"e","count":-1,"meanWaitMs":1}]}""")]
    [InlineData("""{"service":"a","instance":"b","windowMs":1,"handled":[{"eventType":"e","count":1,"meanWaitMs":1e300}]}""")]
    [InlineData("""{"service":"a","instance":"b","windowMs":-1,"handled":[]}""")]
    [InlineData("""{"service":"","instance":"b","windowMs":1,"handled":[]}""")]
    public void What_is_no_heartbeat_is_none(string body) => ServiceHeartbeat.TryRead(Encoding.UTF8.GetBytes(body)).ShouldBeNull();

    [Fact]
    public void A_heartbeat_is_read_as_it_was_written()
    {
        var written = new ServiceHeartbeat("order-service", "host:1", 250.5, [new HandledEvents("order.created", 3, 12.5)]);

        var read = ServiceHeartbeat.TryRead(written.Write()).ShouldNotBeNull();

        (read.Service, read.Instance, read.WindowMs).ShouldBe((written.Service, written.Instance, written.WindowMs));
        read.Handled.ShouldBe(written.Handled);
    }

    private static IEnumerable<HandledEvents> Of(IEnumerable<ServiceHeartbeat> heard) => heard.SelectMany(one => one.Handled);

    private static async Task<ConcurrentQueue<ServiceHeartbeat>> ListenAsync(TestBus bus)
    {
        var (raw, heard) = (await bus.ConnectRawAsync(), new ConcurrentQueue<ServiceHeartbeat>());
        var queue = await raw.TapAsync(ServiceHeartbeat.Exchange);
        var consumer = new AsyncEventingBasicConsumer(raw.Channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            if (delivery.RoutingKey.StartsWith(bus.Domain, StringComparison.Ordinal))
            {
                heard.Enqueue(ServiceHeartbeat.TryRead(delivery.Body.Span).ShouldNotBeNull());
            }

            return Task.CompletedTask;
        };
        await raw.Channel.BasicConsumeAsync(queue, autoAck: true, consumer, Cancellation);
        return heard;
    }
}
