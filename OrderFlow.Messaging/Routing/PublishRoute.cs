using Google.Protobuf.Reflection;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Routing;

/// <summary>Where an event of one kind goes; the strings of it are encoded once.</summary>
internal sealed class PublishRoute(MessageDescriptor descriptor, string wireType, int version, bool requireSubscriber)
{
    public MessageDescriptor Descriptor { get; } = descriptor;

    public string WireType { get; } = wireType;

    /// <summary>The version of the bodies that the service publishes.</summary>
    public int Version { get; } = version;

    public string Exchange { get; } = Envelope.WireType.ExchangeOf(wireType);

    public bool RequireSubscriber { get; } = requireSubscriber;

    public Destination Destination { get; } = Destination.OfSending(wireType);

    public CachedString CachedExchange { get; } = new(Envelope.WireType.ExchangeOf(wireType));

    public CachedString CachedRoutingKey { get; } = new(wireType);
}
