using System.Text;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class FlowAttemptTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FlowAttempt.First, 1, false, FlowAttempt.First)]
    [InlineData(FlowAttempt.First, 2, false, FlowAttempt.Retried)]
    [InlineData(FlowAttempt.Retried, 1, false, FlowAttempt.Retried)]
    [InlineData(FlowAttempt.First, 1, true, FlowAttempt.Replayed)]
    [InlineData(FlowAttempt.Retried, 3, true, FlowAttempt.Replayed)]
    [InlineData(FlowAttempt.Replayed, 2, false, FlowAttempt.Replayed)]
    public void A_caused_event_inherits_the_worst(FlowAttempt before, int attempt, bool replayed, FlowAttempt after)
    {
        var caused = (Flow.Start() with { FlowAttempt = before, Attempt = attempt, Replayed = replayed }).Caused(TimeProvider.System);

        (caused.FlowAttempt, caused.Attempt, caused.Replayed).ShouldBe((after, 1, false));
        caused.Caused(TimeProvider.System).FlowAttempt.ShouldBe(after);
    }

    [Theory]
    [InlineData(FlowAttempt.First)]
    [InlineData(FlowAttempt.Retried)]
    [InlineData(FlowAttempt.Replayed)]
    public void The_outbox_keeps_it(FlowAttempt attempt)
    {
        var @event = new EncodedEvent("order.created", Flow.Start() with { FlowAttempt = attempt }, default, default);

        var stored = Encoding.UTF8.GetString(StoredContext.Write(@event));

        StoredContext.Read(stored).Event.FlowAttempt.ShouldBe(attempt);
        stored.Contains("flowAttempt", StringComparison.Ordinal).ShouldBe(attempt != FlowAttempt.First);
    }

    [Theory]
    [InlineData(0, null, null)]
    [InlineData(1, null, "retried")]
    [InlineData(0, "retried", "retried")]
    [InlineData(1, "replayed", "replayed")]
    public async Task What_a_handler_publishes_carries_it_in_a_header(int failures, string? arrived, string? left)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>((context, @event, cancellationToken) => context.Event.Attempt <= failures
            ? throw new InvalidOperationException("not yet")
            : context.PublishAsync(new OrderProcessed { OrderId = @event.OrderId }, cancellationToken));
        var raw = await bus.ConnectRawAsync();
        await raw.Channel.ExchangeDeclareAsync($"{bus.Domain}.events", ExchangeType.Topic, durable: true, cancellationToken: Cancellation);
        var tap = $"{bus.Domain}-tap";
        await raw.Channel.QueueDeclareAsync(tap, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
        await raw.Channel.QueueBindAsync(tap, $"{bus.Domain}.events", bus.Processed, cancellationToken: Cancellation);
        await bus.StartHandlerAsync(script, settings => settings["Messaging:RetryDelay"] = "00:00:00.010");
        var publisher = await bus.StartPublisherAsync();

        await publisher.PublishAsync(
            new OrderCreated { OrderId = "o-1" }, Flow.Start() with { FlowAttempt = Parse(arrived) }, Cancellation);

        (await raw.GetAsync(tap)).BasicProperties.Text(HeaderNames.FlowAttempt).ShouldBe(left);
    }

    [Fact]
    public async Task Another_value_is_an_invalid_header()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await bus.StartHandlerAsync(new HandlerScript<OrderCreated>((_, _, _) => Task.CompletedTask));
        var raw = await bus.ConnectRawAsync();
        var properties = new BasicProperties
        {
            MessageId = Guid.CreateVersion7().ToString(),
            CorrelationId = "c",
            Type = bus.Created,
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [HeaderNames.OriginTimestamp] = 1L, [HeaderNames.PublishedAt] = 1L, [HeaderNames.Flow] = "OrderCreationFlow"u8.ToArray(),
                [HeaderNames.FlowAttempt] = "first"u8.ToArray(),
            },
        };

        await raw.Channel.BasicPublishAsync("", handler.Name, mandatory: true, properties, ReadOnlyMemory<byte>.Empty, Cancellation);

        var dead = (await raw.GetAsync($"{handler.Name}.dead-letters")).BasicProperties;
        dead.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.InvalidHeader);
        dead.Text(HeaderNames.DeadLetterExceptionMessage).ShouldBe("flow-attempt is neither retried nor replayed");
        TapDecoder.Decode(1, "e", "r", properties, [], 0).Problem.ShouldBe("flow-attempt is neither retried nor replayed");
        properties.Headers[HeaderNames.FlowAttempt] = Encoding.UTF8.GetBytes("replayed");
        TapDecoder.Decode(1, "e", "r", properties, [], 0).Context.ShouldNotBeNull().FlowAttempt.ShouldBe(FlowAttempt.Replayed);
    }

    private static FlowAttempt Parse(string? text) =>
        text switch { "retried" => FlowAttempt.Retried, "replayed" => FlowAttempt.Replayed, _ => FlowAttempt.First };
}
