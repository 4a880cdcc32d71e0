using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using static OrderFlow.Messaging.Diagnostics.Tags;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>Asks the broker now and then how many messages wait in the retry queues and in the dead-letter queue.</summary>
internal sealed class QueueSizes(MessagingWiring wiring, MessagingDiagnostics diagnostics, IOptions<MessagingOptions> options, TimeProvider time, ILogger<QueueSizes> logger)
{
    /// <summary>Asks over the connection until it ends.</summary>
    public async Task WatchAsync(IConnection connection, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(options.Value.QueueSizePeriod, time);
        try
        {
            do
            {
                await AskAsync(connection, ended);
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The next connection asks again.
        }
        catch (Exception exception) when (exception is AlreadyClosedException or ObjectDisposedException or OperationInterruptedException)
        {
            Log.QueueSizeUnknown(logger, wiring.Service, exception);
        }
    }

    private async Task AskAsync(IConnection connection, CancellationToken ended)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ended);
        try
        {
            foreach (var queue in wiring.Topology.RetryQueues)
            {
                diagnostics.RetryQueueSize.Record((await channel.QueueDeclarePassiveAsync(queue, ended)).MessageCount, Tag(Queue, queue));
            }

            var deadLetters = wiring.Topology.DeadLetterQueue;
            diagnostics.DeadLetterQueueSize.Record((await channel.QueueDeclarePassiveAsync(deadLetters, ended)).MessageCount, Tag(Queue, deadLetters));
        }
        catch (OperationInterruptedException exception) when (connection.IsOpen)
        {
            // Somebody deleted a queue; the next connection declares it again.
            Log.QueueSizeUnknown(logger, wiring.Service, exception);
        }
    }
}
