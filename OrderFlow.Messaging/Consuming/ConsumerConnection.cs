using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Consuming;

/// <summary>The service's connection for consuming, over all its reconnections.</summary>
internal sealed class ConsumerConnection(
    MessagingWiring wiring, IDeliveryHandler handler, QueueSizes sizes, BrokerConnector connector, IOptions<MessagingOptions> options,
    TimeProvider time, ILogger<ConsumerConnection> logger) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _deadlinePassed = new();
    private readonly PoisonMessageGuard _poisonGuard = new(options.Value.Prefetch);
    private Task _running = Task.CompletedTask;

    public BrokerConnection Connection { get; } = new($"{wiring.Service}:consumer", connector, wiring.Topology, time, logger);

    public void Start() => _running = Task.Run(() => Connection.RunAsync(RunSessionAsync, _stopping.Token));

    /// <summary>
    /// Takes no more deliveries, finishes those being handled until <paramref name="deadline"/> fires, and leaves the rest to the broker.
    /// </summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        await using var passed = deadline.Register(_deadlinePassed.Cancel);
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _deadlinePassed.Dispose();
    }

    private async Task RunSessionAsync(IConnection connection, Action ready, CancellationToken lost)
    {
        using var session = new ConsumerSession(wiring, options.Value, _poisonGuard, handler, time, logger);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost, _stopping.Token);
        var watching = sizes.WatchAsync(connection, ended.Token);
        try
        {
            await session.RunAsync(connection, ready, lost, _stopping.Token, _deadlinePassed.Token);
        }
        finally
        {
            // Where order is kept, the prefetch must stay: see ConsumerSession.
            if (!wiring.KeepsOrder && UnparsableMessage.Ended(connection.CloseReason))
            {
                _poisonGuard.Begin();
            }

            await ended.CancelAsync();
            await watching;
        }
    }
}
