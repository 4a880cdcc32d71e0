using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Ledgers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Cli.Load;

/// <summary>Listens to every notification for as long as the run lasts, over the broker's restarts.</summary>
internal sealed class NotificationListener(
    RunningSystem system, string runId, OrderNumbers numbers, OrderLedger ledger, TimeProvider time,
    Action<string> report) : IAsyncDisposable
{
    private const ushort Prefetch = 2_000;

    private static readonly TimeSpan AcknowledgeEvery = TimeSpan.FromMilliseconds(100);

    private readonly string _queue = $"load-test-{runId}";
    private readonly CancellationTokenSource _stop = new();
    private readonly ReconnectingBroker _broker = new(system.Broker, $"load-test-{runId}", time);

    private Task? _listening;

    /// <summary>Declares the queue and begins to listen.</summary>
    /// <exception cref="CommandException">The broker cannot be reached, or has no notifications yet.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IConnection? connection = null;
        try
        {
            connection = await _broker.ConnectAsync(cancellationToken);
            _listening = ListenAsync(connection, await ConsumeAsync(connection, cancellationToken));
            connection = null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            throw new CommandException(
                $"The broker at {system.BrokerName} has no exchange {NotificationQueue.Exchange}: "
                + "NotificationService has not started there yet. "
                + "Try again when ./run.sh says that it is healthy.",
                exception);
        }
        catch (Exception exception) when (TransientErrors.OfBroker(exception))
        {
            throw new CommandException(
                $"The broker at {system.BrokerName} cannot be used: {CommandException.Cause(exception)}. "
                + "Start the system with ./run.sh, or name its broker with --broker.",
                exception);
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
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
            await using var connection = await _broker.ConnectAsync(patience.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: patience.Token);
            await channel.QueueDeleteAsync(_queue, ifUnused: false, ifEmpty: false, noWait: false, patience.Token);
        }
        catch (Exception exception) when (TransientErrors.OfBroker(exception))
        {
            report(
                $"The queue {_queue} could not be deleted ({CommandException.Cause(exception)}); "
                + $"the broker deletes it after {NotificationQueue.ExpiresUnusedAfter.TotalMinutes:0} minutes.");
        }
    }

    private async Task ListenAsync(IConnection first, NotificationConsumer consumer)
    {
        await using (first)
        {
            if (await AcknowledgeUntilLostAsync(consumer))
            {
                return;
            }
        }

        await _broker.RunAsync(
            async connection =>
            {
                var again = await ConsumeAsync(connection, _stop.Token);
                report("Listening to the broker again.");
                if (!await AcknowledgeUntilLostAsync(again))
                {
                    throw new IOException("The broker is away again.");
                }
            },
            _stop.Token);
    }

    /// <returns>Whether listening was stopped; otherwise the broker is lost.</returns>
    private async Task<bool> AcknowledgeUntilLostAsync(NotificationConsumer consumer)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                if (!consumer.Channel.IsOpen || consumer.Cancelled.IsCompleted)
                {
                    throw new IOException(consumer.Channel.CloseReason?.ReplyText ?? "the queue was taken away");
                }

                await consumer.AcknowledgeAsync(CancellationToken.None);
                await Task.Delay(AcknowledgeEvery, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await consumer.AcknowledgeAsync(CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (TransientErrors.OfBroker(exception) && !_stop.IsCancellationRequested)
        {
            report($"Lost the broker at {system.BrokerName} ({CommandException.Cause(exception)}); connecting again.");
            return false;
        }
    }

    private async Task<NotificationConsumer> ConsumeAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await NotificationQueue.DeclareAsync(channel, _queue, cancellationToken);
        await channel.BasicQosAsync(prefetchSize: 0, Prefetch, global: false, cancellationToken);
        var consumer = new NotificationConsumer(channel, numbers, ledger, time);
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, cancellationToken);
        return consumer;
    }
}
