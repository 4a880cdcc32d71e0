using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>The tap's connection over all its reconnections, and what can be asked over it.</summary>
internal sealed class TapConnection(
    TapDescription tap, ITapReceiver receiver, BrokerConnector connector, IOptions<TapOptions> options, TimeProvider time,
    ILogger<TapConnection> logger) : BackgroundService, ITap
{
    private readonly PoisonMessageGuard _poisonGuard = new(options.Value.Prefetch);
    private Listening? _current;

    public BrokerConnection Connection { get; } =
        new($"{tap.Name}:tap", connector, ServiceTopology.ForTap(tap.Queue, tap.Exchanges, tap.Formerly), time, logger);

    public bool IsListening => Connection.IsUp;

    public TappedMessage? OldestUnstored => Volatile.Read(ref _current)?.Session.OldestUnstored;

    public async Task<long?> WaitingAsync(CancellationToken cancellationToken) =>
        (await CountAsync(tap.Queue, cancellationToken))?.Waiting + (Volatile.Read(ref _current)?.Session.Unstored ?? 0);

    public async Task<QueueCount?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _current) is not { Connection: { IsOpen: true } connection })
        {
            return null;
        }

        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            var found = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return new QueueCount(
                found.MessageCount, Math.Max(found.MessageCount, await TotalAsync(queue, cancellationToken) ?? 0), found.ConsumerCount);
        }
        catch (Exception exception) when (IsNoAnswer(exception) && !cancellationToken.IsCancellationRequested)
        {
            // There is no such queue, no connection any more, or a broker that stands still: the client gives up waiting with a
            // cancellation of its own.
            return null;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Connection.RunAsync((connection, ready, lost) => RunSessionAsync(connection, ready, lost, stoppingToken), stoppingToken);

    private async Task RunSessionAsync(IConnection connection, Action ready, CancellationToken lost, CancellationToken stopping)
    {
        var session = new TapSession(tap, options.Value, _poisonGuard, receiver, time, logger);
        Volatile.Write(ref _current, new Listening(connection, session));
        try
        {
            await session.RunAsync(connection, ready, lost, stopping);
        }
        finally
        {
            if (UnparsableMessage.Ended(connection.CloseReason))
            {
                _poisonGuard.Begin();
            }

            Volatile.Write(ref _current, null);
        }
    }

    private async Task<long?> TotalAsync(string queue, CancellationToken cancellationToken) =>
        connector.Management is { } management
            ? (await management.TryQueuesAsync(tap.Name, logger, cancellationToken)).GetValueOrDefault(queue)?.Messages
            : null;

    private static bool IsNoAnswer(Exception exception) =>
        exception is OperationInterruptedException or AlreadyClosedException or ObjectDisposedException
            or OperationCanceledException or TimeoutException or IOException;

    private sealed record Listening(IConnection Connection, TapSession Session);
}
