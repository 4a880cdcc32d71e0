using System.Text;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Messaging;

public sealed class GarbageTests(BrokerFixture broker)
{
    public static TheoryData<string, string> Kinds => new()
    {
        { "no properties at all", DeadLetterReasons.MissingHeader },
        { "an unknown type", DeadLetterReasons.UnknownType },
        { "a type that the service publishes but does not handle", DeadLetterReasons.UnknownType },
        { "a body that is no protobuf", DeadLetterReasons.UndecodableBody },
        { "a JSON body that says so", DeadLetterReasons.UndecodableBody },
        { "no message id", DeadLetterReasons.MissingHeader },
        { "a message id that is no UUID", DeadLetterReasons.InvalidHeader },
        { "no correlation id", DeadLetterReasons.MissingHeader },
        { "no headers", DeadLetterReasons.MissingHeader },
        { "an origin timestamp as text", DeadLetterReasons.InvalidHeader },
        { "a negative origin timestamp", DeadLetterReasons.InvalidHeader },
        { "an origin timestamp after the end of time", DeadLetterReasons.InvalidHeader },
        { "a table where a number belongs", DeadLetterReasons.InvalidHeader },
        { "an array where text belongs", DeadLetterReasons.InvalidHeader },
        { "text that is no UTF-8", DeadLetterReasons.InvalidHeader },
        { "a header of 100 KB", DeadLetterReasons.InvalidHeader },
        { "an attempt beyond all numbers", DeadLetterReasons.InvalidHeader },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_cannot_be_read_is_dead_lettered_with_a_reason_and_disturbs_nothing(string kind, string reason)
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        var (properties, body) = Garbage.Make(kind, bus);

        await raw.SendAsync(handler.Name, properties, body);
        await raw.SendAsync(handler.Name, Garbage.Good(bus), new OrderCreated { OrderId = "good" }.ToBytes());

        await script.SeesAsync(1);
        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        dead.BasicProperties.Text(HeaderNames.DeadLetterReason).ShouldBe(reason);
        dead.BasicProperties.Text(HeaderNames.DeadLetterExceptionMessage).ShouldNotBeNullOrEmpty();
        dead.BasicProperties.Type.ShouldBe(properties.Type);
        dead.BasicProperties.MessageId.ShouldBe(properties.MessageId);
        dead.Body.ToArray().ShouldBe(body);
        script.Seen.ShouldHaveSingleItem().Event.OrderId.ShouldBe("good");
        await raw.CountIsAsync(handler.Name, 0);
    }

    [Fact]
    public async Task What_would_misdirect_a_dead_letter_is_moved_aside()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var handler = await bus.StartHandlerAsync(new HandlerScript<OrderCreated>());
        var raw = await bus.ConnectRawAsync();
        var properties = Garbage.Good(bus);
        properties.Type = "no.such";
        properties.Expiration = "60000";
        properties.UserId = "orderflow";
        properties.Headers!["CC"] = new List<object?> { "some-other-queue" };

        await raw.SendAsync(handler.Name, properties, default);

        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        dead.BasicProperties.IsExpirationPresent().ShouldBeFalse();
        dead.BasicProperties.IsUserIdPresent().ShouldBeFalse();
        dead.BasicProperties.Headers!.ShouldNotContainKey("CC");
        dead.BasicProperties.Text("original-expiration").ShouldBe("60000");
        dead.BasicProperties.Text("original-user-id").ShouldBe("orderflow");
        dead.BasicProperties.Headers!.ShouldContainKey("original-CC");
    }

    [Fact]
    public async Task What_cannot_be_written_again_is_dead_lettered_by_the_broker()
    {
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        var properties = Garbage.Good(bus);
        properties.Type = "no.such";
        properties.Headers!["filler"] = new byte[125 * 1024];

        await raw.SendAsync(handler.Name, properties, "body"u8.ToArray());
        await raw.SendAsync(handler.Name, Garbage.Good(bus), default);

        await script.SeesAsync(1);
        var dead = await raw.GetAsync($"{handler.Name}.dead-letters");
        Encoding.UTF8.GetString(dead.Body.Span).ShouldBe("body");
        dead.BasicProperties.Headers!.ShouldContainKey("x-death");
        handler.Logs.Lines.ShouldContain(line => line.EventId == 1008);
    }

    [Fact]
    public async Task A_flood_of_random_garbage_stops_no_good_event()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var bus = await TestBus.OnAsync(broker);
        var script = new HandlerScript<OrderCreated>();
        var handler = await bus.StartHandlerAsync(script);
        var raw = await bus.ConnectRawAsync();
        var good = 0;
        var sends = new List<Task>();

        for (var n = 0; n < 1000; n++)
        {
            if (random.Next(4) == 0)
            {
                sends.Add(
                    raw.SendAsync(handler.Name, Garbage.Good(bus), new OrderCreated { OrderId = $"good-{good++}" }.ToBytes()).AsTask());
            }
            else
            {
                var (properties, body) = Garbage.Random(random, bus);
                sends.Add(raw.SendAsync(handler.Name, properties, body).AsTask());
            }
        }

        await Task.WhenAll(sends);
        await script.SeesAsync(good);
        await raw.CountIsAsync($"{handler.Name}.dead-letters", (uint)(1000 - good));
        await raw.CountIsAsync(handler.Name, 0);
        script.Seen.Select(seen => seen.Event.OrderId).ShouldBe(Enumerable.Range(0, good).Select(n => $"good-{n}"), ignoreOrder: true);
        handler.Logs.Lines.ShouldNotContain(line => line.EventId == 2002 || line.EventId == 2005);
    }
}
