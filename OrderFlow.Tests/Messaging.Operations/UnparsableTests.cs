using System.Buffers.Binary;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging.Operations;

/// <summary>
/// Messages that the broker takes and that no client library writes. Found by trying: unknown field types, NaN and truncated tables the
/// broker refuses itself; decimals with more than 28 places it takes, and the client's connection dies of them; tables and arrays nested
/// as deep as a frame has room for it takes, too, and the client reads them by recursion.
/// </summary>
public sealed class UnparsableTests(BrokerFixture broker)
{
    /// <summary>A frame of 128 KiB has room for as many arrays in one another.</summary>
    private const int DeepestArrays = 26_100;

    private const int DeepestTables = 18_500;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static byte[] UnparsableDecimal => RawAmqp.Field("price", 'D', [29, 0, 0, 0, 1]);

    [Fact]
    public async Task The_broker_dead_letters_it_and_nothing_else_goes_with_it()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script, settings => settings["Messaging:Prefetch"] = "20");
        var raw = await bus.ConnectRawAsync();
        await handler.Host.StopAsync(Cancellation);
        using (var odd = await RawAmqp.ConnectAsync(bus.Node))
        {
            await SendGoodAsync(0, 5);
            await odd.PublishAsync(handler.Name, UnparsableDecimal, "odd"u8.ToArray());
            await SendGoodAsync(5, 50);
        }

        var again = await bus.StartHandlerAsync(script, settings => settings["Messaging:Prefetch"] = "20", waitUntilHealthy: false);

        await Wait.UntilAsync(
            () => $"all others are handled ({script.Seen.Count} now)",
            () => Task.FromResult(script.Seen.Select(seen => seen.Event.OrderId).Distinct().Count() == 50),
            TimeSpan.FromSeconds(90));
        await Wait.UntilAsync(
            "it is a dead letter", async () => await raw.CountAsync($"{handler.Name}.dead-letters") == 1, TimeSpan.FromSeconds(90));
        await raw.CountIsAsync(handler.Name, 0);
        await again.HealthyAsync();
        var told = again.Logs.Lines.Where(line => line.EventId == 2007).ToList();
        told.Count.ShouldBeInRange(22, 30, "each delivery up to the limits of the queue and of that of the undelivered");
        told[0].Message.ShouldContain(
            $"{handler.Name}:consumer was delivered a message that the AMQP client cannot parse (Unrepresentable AMQP decimal table field");
        again.Logs.Lines.ShouldContain(
            line => line.EventId == 2003 && line.Message.Contains("at most 1 unacknowledged", StringComparison.Ordinal));
        await Wait.UntilAsync("the whole prefetch is used again", () =>
            again.Logs.Lines.Last(line => line.EventId == 2003).Message.Contains("at most 20 unacknowledged", StringComparison.Ordinal));

        // It does not keep those behind it from being looked at.
        await raw.SendAsync($"{handler.Name}.dead-letters", Garbage.Good(bus), "x"u8.ToArray());
        var library = new DeadLetterReplay(
            new ConnectionFactory { Uri = new Uri(bus.Node.ConnectionString), AutomaticRecoveryEnabled = false }, TimeProvider.System);
        (await library.ListAsync(handler.Name, Cancellation)).Total.ShouldBe(1);
        await raw.CountIsAsync($"{handler.Name}.dead-letters", 1);
        await raw.CountIsAsync($"{handler.Name}.parking-lot", 1);
        var reason = await bus.Node.Management.GetMessageAsync($"{handler.Name}.parking-lot");
        reason.ShouldContain("\"reason\":\"delivery_limit\"");

        async Task SendGoodAsync(int from, int to)
        {
            for (var n = from; n < to; n++)
            {
                await raw.SendAsync(handler.Name, Garbage.Good(bus), new OrderCreated { OrderId = $"{n}" }.ToBytes());
            }
        }
    }

    [Theory]
    [InlineData('A')]
    [InlineData('F')]
    public async Task Headers_nested_as_deep_as_can_be_are_dead_lettered_with_a_reason(char kind)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        using var odd = await RawAmqp.ConnectAsync(bus.Node);

        await odd.PublishAsync(
            handler.Name, kind == 'A' ? [1, (byte)'a', .. Arrays(DeepestArrays)] : Tables(DeepestTables), "odd"u8.ToArray());
        await raw.SendAsync(handler.Name, Garbage.Good(bus), new OrderCreated { OrderId = "good" }.ToBytes());

        await script.SeesAsync(1);
        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        dead.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe("missing_header");
        dead.BasicProperties.Text("a").ShouldBe("(removed: nested deeper than 32 levels)");
        handler.Logs.Lines.ShouldNotContain(line => line.EventId == 2007);
    }

    private static byte[] Arrays(int depth)
    {
        const int Each = 5;
        var bytes = new byte[depth * Each];
        for (var n = 0; n < depth; n++)
        {
            bytes[n * Each] = (byte)'A';
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((n * Each) + 1), (depth - n - 1) * Each);
        }

        return bytes;
    }

    private static byte[] Tables(int depth)
    {
        const int Each = 7;
        var bytes = new byte[depth * Each];
        for (var n = 0; n < depth; n++)
        {
            RawAmqp.Field("a", 'F', []).CopyTo(bytes, n * Each);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((n * Each) + 3), (depth - n - 1) * Each);
        }

        return bytes;
    }
}
