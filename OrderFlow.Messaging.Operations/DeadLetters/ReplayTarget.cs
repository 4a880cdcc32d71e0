using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// Where a service's dead letters go back to: its queue, or, where it keeps an order, the exchange that knows the partition of their
/// aggregate. The dead letter does not say it: the partition that it came from may have changed with their number, and those that the
/// broker moved itself do not name it.
/// </summary>
internal sealed class ReplayTarget
{
    private readonly string _service;

    private ReplayTarget(string service, string exchange) => (_service, Exchange) = (service, exchange);

    public string Exchange { get; }

    /// <summary>The queue or the exchange.</summary>
    public string Name => Exchange.Length > 0 ? Exchange : _service;

    public static async Task<ReplayTarget> FindAsync(IConnection connection, string service, CancellationToken cancellationToken)
    {
        var ordering = OrderingDeclaration.ExchangeOf(service);
        // The broker closes a channel that asks for something that is not there.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(ordering, cancellationToken);
            return new ReplayTarget(service, ordering);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return new ReplayTarget(service, exchange: "");
        }
    }

    public string RoutingKeyOf(IReadOnlyBasicProperties properties) => Exchange.Length > 0 ? properties.Type ?? "" : _service;
}
