using OrderFlow.Cli.Accounts;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Cli.Notifications;

/// <summary>Listens to every notification for as long as the run lasts, over the broker's restarts.</summary>
internal sealed class NotificationListener(RunningSystem system, string runId, OrderNumbers numbers, OrderLedger ledger, TimeProvider time, Action<string> tell) : IAsyncDisposable
{
    private const ushort Prefetch = 2_000;

    private static readonly TimeSpan AcknowledgeEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromMilliseconds(500);

    private readonly string _queue = $"load-test-{runId}";
    private readonly CancellationTokenSource _stop = new();
    private readonly ConnectionFactory _factory = BrokerConnections.To(system.Broker, $"load-test-{runId}");

    private Task? _listening;

    /// <summary>Declares the queue and begins to listen.</summary>
    /// <exception cref="CommandException">The broker cannot be reached, or has no notifications yet.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IConnection? connection = null;
        try
        {
            connection = await _factory.CreateConnectionAsync(cancellationToken);
            var (channel, consumer) = await ConsumeAsync(connection, cancellationToken);
            _listening = ListenAsync(connection, channel, consumer);
            connection = null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            throw new CommandException($"The broker at {system.BrokerName} has no exchange {NotificationQueue.Exchange}: NotificationService has not started there yet. Try again when ./run.sh says that it is healthy.", exception);
        }
        catch (Exception exception) when (BrokerTrouble.Is(exception))
        {
            throw new CommandException($"The broker at {system.BrokerName} cannot be used: {CommandException.Cause(exception)}. Start the system with ./run.sh, or name its broker with --broker.", exception);
        }
        finally
        {
            await CloseAsync(connection);
        }
    }

    /// <summary>Stops listening and deletes the queue.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_listening is not null)
        {
            await _listening;
            await DeleteQueueAsync();
        }

        _stop.Dispose();
    }

    private async Task DeleteQueueAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await using var connection = await _factory.CreateConnectionAsync(patience.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: patience.Token);
            await channel.QueueDeleteAsync(_queue, ifUnused: false, ifEmpty: false, noWait: false, patience.Token);
        }
        catch (Exception exception) when (BrokerTrouble.Is(exception))
        {
            tell($"The queue {_queue} could not be deleted ({CommandException.Cause(exception)}); the broker deletes it after {NotificationQueue.ExpiresUnusedAfter.TotalMinutes:0} minutes.");
        }
    }

    private async Task ListenAsync(IConnection connection, IChannel channel, NotificationConsumer consumer)
    {
        while (true)
        {
            try
            {
                await AcknowledgeUntilLostAsync(channel, consumer);
                return;
            }
            catch (Exception exception) when (BrokerTrouble.Is(exception) && !_stop.IsCancellationRequested)
            {
                tell($"Lost the broker at {system.BrokerName} ({CommandException.Cause(exception)}); connecting again.");
            }
            finally
            {
                await CloseAsync(connection);
            }

            if (await ReconnectAsync() is not { } again)
            {
                return;
            }

            (connection, channel, consumer) = again;
            tell("Listening to the broker again.");
        }
    }

    private async Task AcknowledgeUntilLostAsync(IChannel channel, NotificationConsumer consumer)
    {
        while (!_stop.IsCancellationRequested)
        {
            if (!channel.IsOpen || consumer.Cancelled.IsCompleted)
            {
                throw new IOException(channel.CloseReason?.ReplyText ?? "the queue was taken away");
            }

            await consumer.AcknowledgeAsync(CancellationToken.None);
            await Task.Delay(AcknowledgeEvery, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await consumer.AcknowledgeAsync(CancellationToken.None);
    }

    private async Task<(IConnection Connection, IChannel Channel, NotificationConsumer Consumer)?> ReconnectAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(ReconnectAfter, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IConnection? connection = null;
            try
            {
                connection = await _factory.CreateConnectionAsync(_stop.Token);
                var (channel, consumer) = await ConsumeAsync(connection, _stop.Token);
                return (connection, channel, consumer);
            }
            catch (Exception exception) when (BrokerTrouble.Is(exception))
            {
                // Still down, or up but not ready: said once when it was lost, and again when it is back.
                await CloseAsync(connection);
            }
        }

        return null;
    }

    private async Task<(IChannel Channel, NotificationConsumer Consumer)> ConsumeAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await NotificationQueue.DeclareAsync(channel, _queue, cancellationToken);
        await channel.BasicQosAsync(prefetchSize: 0, Prefetch, global: false, cancellationToken);
        var consumer = new NotificationConsumer(channel, numbers, ledger, time);
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, cancellationToken);
        return (channel, consumer);
    }

    private static async Task CloseAsync(IConnection? connection)
    {
        if (connection is null)
        {
            return;
        }

        try
        {
            await connection.CloseAsync(Constants.ReplySuccess, "the run has ended", TimeSpan.FromSeconds(2), abort: true);
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }
}
