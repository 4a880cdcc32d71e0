using Google.Protobuf;
using OrderFlow.Cli.Observation;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>Makes messages that no service of OrderFlow would send; each carries a mark by which it is found again.</summary>
internal static class GarbageMaker
{
    private const int Megabyte = 1024 * 1024;

    /// <summary>A large body costs the broker's disk more than the service's patience: few are enough.</summary>
    private const int OneLargeIn = 200;

    private static readonly string[] Kinds =
    [
        "empty body", "random bytes", "truncated protobuf", "unknown type", "no message id", "message id that is no UUID",
        "wrong content type",
        "number as text", "table for a number", "array for a text", "text that is no UTF-8", "huge header", "headers that fill a frame",
        "no type",
    ];

    private static readonly Dictionary<string, object?> Table = new(StringComparer.Ordinal) { ["a"] = 1 };

#pragma warning disable CA5394 // The same garbage for the same seed.
    public static (BasicProperties Properties, byte[] Body) Make(string mark, string handledType, Random random)
    {
        var properties = Readable(mark, handledType);
        var headers = properties.Headers!;
        if (random.Next(OneLargeIn) == 0)
        {
            var large = new byte[Megabyte];
            random.NextBytes(large);
            large[0] = 0x07; // A wire type that protobuf does not have.
            return (properties, large);
        }

        var body = Body();
        switch (Kinds[random.Next(Kinds.Length)])
        {
            case "empty body": body = []; break;
            case "random bytes": random.NextBytes(body); body[0] = 0x07; break;
            case "truncated protobuf": body = body[..^random.Next(1, 20)]; break;
            case "unknown type": properties.Type = "stock.counted"; break;
            case "no message id": properties.ClearMessageId(); break;
            case "message id that is no UUID": properties.MessageId = "42"; break;
            case "wrong content type": properties.ContentType = "application/json"; break;
            case "number as text": headers[HeaderNames.OriginTimestamp] = "yesterday"; break;
            case "table for a number": headers[HeaderNames.EventVersion] = Table; break;
            case "array for a text": headers[HeaderNames.AggregateId] = new List<object?> { 1, "two" }; break;
            case "text that is no UTF-8": headers[HeaderNames.UserId] = new byte[] { 0xff, 0xfe, 0xfd }; break;
            case "huge header": headers[HeaderNames.TenantId] = new string('x', 60_000); break;
            // With the reason of its dead letter it no longer fits a frame: the broker itself must move it.
            case "headers that fill a frame":
                headers["filler"] = new byte[random.Next(4) == 0 ? 125 * 1024 : 1024];
                properties.CorrelationId = "";
                break;
            default: properties.ClearType(); break;
        }

        return (properties, body);
    }
#pragma warning restore CA5394

    /// <summary>What a readable message carries; each kind of garbage spoils one thing of it.</summary>
    private static BasicProperties Readable(string mark, string type) => new()
    {
        MessageId = Guid.CreateVersion7().ToString(),
        CorrelationId = mark,
        Type = type,
        ContentType = "application/protobuf",
        DeliveryMode = DeliveryModes.Persistent,
        Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [InjectedGarbage.MarkHeader] = mark,
            [HeaderNames.OriginTimestamp] = UnixMicroseconds.From(TimeProvider.System.GetUtcNow()),
            [HeaderNames.Flow] = FlowNames.OrderCreation,
        },
    };

    /// <summary>
    /// An event that would be handled, if the rest were right: the order id is the first field of all of them but those of payments.
    /// </summary>
    private static byte[] Body() =>
        new OrderCreated
        {
            OrderId = Guid.CreateVersion7().ToString(),
            UserId = "nobody-who-orders",
            Email = "nobody@example.org",
        }.ToByteArray();
}
