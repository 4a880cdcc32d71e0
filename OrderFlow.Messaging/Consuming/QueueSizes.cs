using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using static OrderFlow.Messaging.Diagnostics.Tags;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Asks the broker now and then how many messages wait in the retry queues and as dead letters. AMQP counts those that are ready; those
/// that somebody looks at or replays are dead letters still, and only the management API counts them.
/// </summary>
internal sealed class QueueSizes(
    MessagingWiring wiring, MessagingDiagnostics diagnostics, BrokerConnector connector, IOptions<MessagingOptions> options,
    TimeProvider time, ILogger<QueueSizes> logger)
{
    /// <summary>Asks over the connection until it ends. A round that fails, whatever it is, is followed by the next one.</summary>
    public async Task WatchAsync(IConnection connection, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(options.Value.QueueSizePeriod, time);
        try
        {
            do
            {
                try
                {
                    await AskAsync(connection, ended);
                }
                catch (Exception exception) when (!ended.IsCancellationRequested)
                {
                    // The connection is ending, a queue was deleted, or the broker stands still: the client then gives up with a
                    // cancellation of its own.
                    Log.QueueSizeUnknown(logger, wiring.Service, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The next connection asks again.
        }
    }

    private async Task AskAsync(IConnection connection, CancellationToken ended)
    {
        var totals = connector.Management is { } management ? await management.TryQueuesAsync(wiring.Service, logger, ended) : null;
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ended);
        try
        {
            foreach (var queue in wiring.Topology.RetryQueues)
            {
                diagnostics.RetryQueueSize.Record(await ReadyAsync(queue), Tag(Queue, queue));
            }

            foreach (var queue in wiring.Topology.DeadLetterQueues)
            {
                // The totals are some seconds old: what has just come is counted by what is ready.
                diagnostics.DeadLetterQueueSize.Record(
                    Math.Max(await ReadyAsync(queue), totals?.GetValueOrDefault(queue)?.Messages ?? 0), Tag(Queue, queue));
            }
        }
        catch (OperationInterruptedException exception) when (
            connection.IsOpen && exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // Somebody deleted a queue that no consumer of this service would miss.
            Log.QueueMissing(logger, wiring.Service, exception.ShutdownReason.ReplyText);
            await wiring.Topology.DeclareAsync(connection, ended);
        }

        async Task<long> ReadyAsync(string queue) => (await channel.QueueDeclarePassiveAsync(queue, ended)).MessageCount;
    }
}
