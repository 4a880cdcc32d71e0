using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Tests.Messaging;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>Messages that no service of OrderFlow would send.</summary>
internal static class Garbage
{
    private static readonly byte[] NoProtobuf = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    /// <summary>What a readable message carries; each kind of garbage spoils one thing of it.</summary>
    public static BasicProperties Good(TestBus bus) => new()
    {
        MessageId = Guid.CreateVersion7().ToString(),
        CorrelationId = "flow-1",
        Type = bus.Created,
        ContentType = "application/protobuf",
        Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [HeaderNames.OriginTimestamp] = UnixMicroseconds.From(DateTimeOffset.UtcNow),
            [HeaderNames.Flow] = "OrderCreationFlow",
        },
    };

    public static byte[] ToBytes(this IMessage message) => message.ToByteArray();

    public static (BasicProperties Properties, byte[] Body) Make(string kind, TestBus bus)
    {
        var properties = Good(bus);
        var headers = properties.Headers!;
        byte[] body = [];
        switch (kind)
        {
            case "no properties at all": properties = new BasicProperties(); break;
            case "an unknown type": properties.Type = "stock.counted"; break;
            case "a type that the service publishes but does not handle": properties.Type = bus.Processed; break;
            case "a body that is no protobuf": body = NoProtobuf; break;
            case "a JSON body that says so": (properties.ContentType, body) = ("application/json", "{}"u8.ToArray()); break;
            case "no message id": properties.MessageId = null; break;
            case "a message id that is no UUID": properties.MessageId = "42"; break;
            case "no correlation id": properties.CorrelationId = null; break;
            case "no headers": properties.Headers = null; break;
            case "an origin timestamp as text": headers[HeaderNames.OriginTimestamp] = "yesterday"; break;
            case "a negative origin timestamp": headers[HeaderNames.OriginTimestamp] = -1L; break;
            case "an origin timestamp after the end of time": headers[HeaderNames.OriginTimestamp] = long.MaxValue; break;
            case "a table where a number belongs":
                headers[HeaderNames.EventVersion] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 1 };
                break;
            case "an array where text belongs": headers[HeaderNames.AggregateId] = new List<object?> { 1, "two" }; break;
            case "text that is no UTF-8": headers[HeaderNames.UserId] = new byte[] { 0xff, 0xfe, 0xfd }; break;
            case "a header of 100 KB": headers[HeaderNames.TenantId] = new string('x', 100_000); break;
            case "an attempt beyond all numbers": headers[HeaderNames.Attempt] = long.MaxValue; break;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such garbage");
        }

        return (properties, body);
    }

    /// <summary>Something unreadable: of one certain kind, and odd in a few more ways.</summary>
    public static (BasicProperties Properties, byte[] Body) Random(Random random, TestBus bus)
    {
        var kinds = GarbageTests.Kinds.Select(row => row.Data.Item1).ToArray();
        var (properties, body) = Make(kinds[random.Next(kinds.Length)], bus);
        for (var more = random.Next(4); more > 0; more--)
        {
            properties.Headers ??= new Dictionary<string, object?>(StringComparer.Ordinal);
            properties.Headers[$"odd-{more}"] = OddValue(random, depth: 0);
        }

        if (random.Next(3) == 0)
        {
            (properties.ReplyTo, properties.ClusterId, properties.Priority, properties.ContentEncoding) = (
                "nobody", "", (byte)random.Next(256), "gzip");
        }

        if (body.Length == 0 && random.Next(2) == 0)
        {
            body = new byte[random.Next(10_000)];
            random.NextBytes(body);
        }

        return (properties, body);
    }

    private static object? OddValue(Random random, int depth) => random.Next(depth < 3 ? 12 : 10) switch
    {
        0 => null,
        1 => random.NextInt64(long.MinValue, long.MaxValue),
        2 => random.NextDouble(),
        3 => random.NextSingle(),
        4 => random.Next(2) == 0,
        5 => (short)random.Next(short.MinValue, short.MaxValue),
        6 => Bytes(random),
        7 => new AmqpTimestamp(random.NextInt64()),
        8 => (decimal)random.Next(),
        9 => new BinaryTableValue(Bytes(random)),
        10 => new List<object?> { OddValue(random, depth + 1), OddValue(random, depth + 1) },
        _ => new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [""] = OddValue(random, depth + 1),
            ["ключ"] = OddValue(random, depth + 1),
        },
    };

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }
}
