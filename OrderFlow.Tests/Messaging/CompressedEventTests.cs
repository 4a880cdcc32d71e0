using System.Diagnostics;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Messaging.Topology;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class CompressedEventTests(BrokerFixture broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_event_travels_compressed_and_is_handled_as_it_was_published()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var listener = await raw.TapAsync(WireTapExchange.Exchange, $"{bus.Domain}.#");
        var publisher = await bus.StartPublisherAsync();
        var (large, small) = (OrderOf(60), OrderOf(1));
        using var root = new Activity("test");
        using var spans = new SpanRecorder(root);
        root.Start();

        await publisher.PublishAsync(large, cancellationToken: Cancellation);
        await publisher.PublishAsync(small, cancellationToken: Cancellation);

        await script.SeesAsync(2);
        script.Seen.Select(seen => seen.Event).ShouldBe([large, small], ignoreOrder: true);
        var sent = await raw.GetAsync(tap);
        sent.BasicProperties.ContentEncoding.ShouldBe("gzip");
        sent.Body.Length.ShouldBeLessThan(large.CalculateSize() / 2);
        (await raw.GetAsync(listener)).Body.ToArray().ShouldBe(sent.Body.ToArray());
        var plain = await raw.GetAsync(tap);
        plain.BasicProperties.ContentEncoding.ShouldBeNull();
        plain.Body.ToArray().ShouldBe(small.ToBytes());
        await Wait.UntilAsync("all spans have ended", () => spans.Of(root.TraceId).Count() == 4);
        spans.Of(root.TraceId).Select(span => (span.Kind, (int)span.GetTagItem("messaging.message.body.size")!)).ShouldBe(
            [
                (ActivityKind.Producer, large.CalculateSize()), (ActivityKind.Consumer, large.CalculateSize()),
                (ActivityKind.Producer, small.CalculateSize()), (ActivityKind.Consumer, small.CalculateSize()),
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1000000")]
    public async Task How_large_is_a_setting(string compressOver)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var publisher = await bus.StartPublisherAsync(
            requireSubscriber: false, settings => settings["Messaging:CompressOver"] = compressOver);

        await publisher.PublishAsync(OrderOf(60), cancellationToken: Cancellation);

        var sent = await raw.GetAsync(tap);
        sent.BasicProperties.ContentEncoding.ShouldBeNull();
        sent.Body.ToArray().ShouldBe(OrderOf(60).ToBytes());
    }

    [Fact]
    public async Task A_dead_letter_and_its_replay_keep_the_body_and_its_encoding()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var broken = true;
        var script = new HandlerScript<OrderCreated>(
            (_, _, _) => Volatile.Read(ref broken) ? throw new InvalidOperationException("broken") : Task.CompletedTask);
        var handler = await bus.StartHandlerAsync(
            script, settings => (settings["Messaging:Retries"], settings["Messaging:RetryTiers"]) = ("0", "100ms"));
        var raw = await bus.ConnectRawAsync();
        var tap = await raw.TapAsync($"{bus.Domain}.events");
        var notices = await raw.TapAsync("handling.notices");
        var publisher = await bus.StartPublisherAsync();
        var context = Flow.Start();

        await publisher.PublishAsync(OrderOf(60), context, Cancellation);

        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        var library = new DeadLetterReplay(new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString) }, TimeProvider.System);
        var dead = (await library.FindAsync(handler.Name, context.EventId.ToString(), Cancellation)).ShouldNotBeNull();
        dead.ContentEncoding.ShouldBe("gzip");
        dead.Body.ToArray().ShouldBe((await raw.GetAsync(tap)).Body.ToArray());
        var listed = ReadOnlyMemory<byte>.Empty;
        await library.ListAsync(handler.Name, Cancellation, () => (_, body) => listed = body);
        listed.ToArray().ShouldBe(OrderOf(60).ToBytes());
        (await raw.GetAsync(notices)).BasicProperties.ContentEncoding.ShouldBeNull("a notice has no body");

        Volatile.Write(ref broken, false);
        await library.ReplayAsync(handler.Name, new ReplayRequest(new ReplaySelection.All()), null, Cancellation);

        await script.SeesAsync(3);
        script.Seen.Select(seen => seen.Event).ShouldBe([OrderOf(60), OrderOf(60), OrderOf(60)]);
    }

    [Theory]
    [InlineData("br", "its content encoding is 'br', neither gzip nor identity")]
    [InlineData("gzip", "its gzip body is truncated or corrupt")]
    public async Task A_body_that_cannot_be_decompressed_is_a_dead_letter_as_it_came(string encoding, string why)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        var properties = Garbage.Good(bus);
        properties.ContentEncoding = encoding;
        var body = BodyEncoding.Compress(OrderOf(60).ToBytes())!.Value.ToArray()[..^9];

        await raw.SendAsync(handler.Name, properties, body);

        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        dead.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe(DeadLetterReasons.UndecodableBody);
        dead.BasicProperties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldNotBeNull().ShouldStartWith(why);
        dead.BasicProperties.ContentEncoding.ShouldBe(encoding);
        dead.Body.ToArray().ShouldBe(body);
        script.Seen.ShouldBeEmpty();
    }

    /// <summary>34 bytes a line.</summary>
    private static OrderCreated OrderOf(int lines) => new()
    {
        OrderId = "o-1",
        Lines = { Enumerable.Range(0, lines).Select(n => new OrderLine { ItemId = $"a-very-ordinary-item-{n:D6}", Quantity = n }) },
    };
}
