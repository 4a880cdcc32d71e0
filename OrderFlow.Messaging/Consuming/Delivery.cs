using System.Buffers;
using System.Text;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Consuming;

/// <summary>A message as it came, its body copied because the client takes its own memory back.</summary>
internal sealed class Delivery
{
    private readonly byte[] _pooledBody;
    private readonly int _length;
    private ClockReading _putOffAt;

    public Delivery(
        ulong tag,
        string queue,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        ClockReading received,
        DeliveredPack? pack = null)
    {
        Pack = pack;
        (Tag, Queue, Exchange, RoutingKey, Properties, Received, _length, DecodedLength) = (
            tag, queue, exchange, routingKey, properties, received, body.Length, body.Length);
        _pooledBody = ArrayPool<byte>.Shared.Rent(_length);
        body.CopyTo(_pooledBody);
    }

    /// <summary>Number of the delivery on its channel.</summary>
    public ulong Tag { get; }

    /// <summary>What it came in together with others; <see langword="null"/> when it came by itself.</summary>
    public DeliveredPack? Pack { get; }

    /// <summary>Where it was consumed.</summary>
    public string Queue { get; }

    public string Exchange { get; }

    public string RoutingKey { get; }

    public IReadOnlyBasicProperties Properties { get; private set; }

    /// <summary>What order is kept by, as the message says it; unreadable text included.</summary>
    public string? AggregateId =>
        Properties.Headers?.TryGetValue(HeaderNames.AggregateId, out var value) == true && value is byte[] bytes
            ? Encoding.UTF8.GetString(bytes)
            : null;

    /// <summary>How long it waits, once it is settled as <see cref="Settlement.Later"/>.</summary>
    public TimeSpan Delay { get; private set; }

    public ReadOnlyMemory<byte> Body => _pooledBody.AsMemory(0, _length);

    /// <summary>Bytes of the body without its content encoding, once that is known.</summary>
    public int DecodedLength { get; set; }

    /// <summary>When it came, or its delay was over.</summary>
    public ClockReading Received { get; private set; }

    /// <summary>How long it has waited since it came.</summary>
    public TimeSpan WaitedFor(TimeProvider time) => Received.Timestamp is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Has it handled again after a delay, as if the broker had brought it back with these properties.</summary>
    public Settlement PutOff(TimeSpan delay, IReadOnlyBasicProperties properties, ClockReading at)
    {
        (Delay, Properties, _putOffAt) = (delay, properties, at);
        return Settlement.Later;
    }

    /// <summary>Its delay is over.</summary>
    public void ComeBack(TimeProvider time)
    {
        var now = ClockReading.Now(time);
        // By the clock that it was put off by: the wall clock may have been set since.
        Received = new ClockReading(_putOffAt.MicrosAt(now, time), now.Timestamp);
    }

    /// <summary>Gives the memory back; nobody may look at the body after.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_pooledBody);
}

/// <summary>What becomes of a delivery.</summary>
internal enum Settlement
{
    /// <summary>It is done with: the broker may forget it.</summary>
    Acknowledge,

    /// <summary>The broker itself moves it to the dead-letter queue.</summary>
    Reject,

    /// <summary>It stays with the broker, which delivers it again when the channel ends.</summary>
    Keep,

    /// <summary>It stays here unacknowledged and is handled again after its delay; later ones of its aggregate wait behind it.</summary>
    Later,
}
