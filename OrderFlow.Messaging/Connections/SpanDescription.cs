using System.Diagnostics;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Connections;

/// <summary>What every span of a message says about where it goes or comes from.</summary>
internal sealed class SpanDescription(BrokerConnector broker)
{
    private readonly string? _host = broker.Endpoint?.HostName;
    private readonly object? _port = broker.Endpoint?.Port;

    public void AddTo(Activity span, string operation, Destination destination)
    {
        span.SetTag(Tags.MessagingSystem, Tags.RabbitMqSystem);
        span.SetTag(Tags.OperationName, operation);
        span.SetTag(Tags.OperationType, operation);
        span.SetTag(Tags.DestinationName, destination.Name);
        span.SetTag(Tags.ServerAddress, _host);
        span.SetTag(Tags.ServerPort, _port);
    }
}
