using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>A message as a tap received it.</summary>
public sealed record TappedMessage
{
    /// <summary>Number of the delivery on its channel; what acknowledges it.</summary>
    internal ulong Tag { get; init; }

    /// <summary>Whether the delivery has no more messages after this one, so that it may be acknowledged with it.</summary>
    internal bool EndsDelivery { get; init; } = true;

    public required string Exchange { get; init; }

    public required string RoutingKey { get; init; }

    /// <summary>When this process got it, as <see cref="TimeProvider.GetTimestamp"/> counts.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>AMQP property <c>type</c>.</summary>
    public string? WireType { get; init; }

    /// <summary>AMQP property <c>app-id</c>: the producing service.</summary>
    public string? Source { get; init; }

    /// <summary>AMQP property <c>message-id</c> as it came.</summary>
    public string? MessageId { get; init; }

    /// <summary>What the message contract asks for; <see langword="null"/> when <see cref="Problem"/> says why not.</summary>
    public EventContext? Context { get; init; }

    /// <summary>What is missing or wrong; <see langword="null"/> when the message keeps the contract.</summary>
    public string? Problem { get; init; }

    /// <summary>The headers as they came; text is bytes.</summary>
    public required IReadOnlyDictionary<string, object?> Headers { get; init; }

    /// <summary>The body without its content encoding; as it came, when <see cref="Problem"/> says why not.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>AMQP property <c>content-encoding</c> of a body that is not decoded yet.</summary>
    internal string? ContentEncoding { get; init; }
}
