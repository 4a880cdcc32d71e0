using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Heartbeats;

/// <summary>Hears the heartbeats of all services, over a connection and a queue of its own.</summary>
public sealed class HeartbeatSubscription(BrokerConnector connector, TimeProvider time)
{
    private const int MostUnheard = 1000;

    /// <summary>Hears until it is stopped; connects again whenever the connection is lost.</summary>
    /// <param name="name">Of the connection, as the broker shows it.</param>
    /// <param name="hear">Is told of each heartbeat.</param>
    /// <param name="lost">Is told whenever nothing is heard any more, and why.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(string name, Action<ServiceHeartbeat> hear, Action<Exception> lost, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(lost);
        var backoff = new Backoff(time, TimeSpan.FromSeconds(1));
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connector.ConnectAsync(name, stopping);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: stopping);
                var ended = new TaskCompletionSource<ShutdownEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
                channel.ChannelShutdownAsync += (_, reason) =>
                {
                    ended.TrySetResult(reason);
                    return Task.CompletedTask;
                };
                await ListenAsync(channel, hear, stopping);
                backoff.Reset();
                var reason = await ended.Task.WaitAsync(stopping);
                lost(new IOException($"The channel was closed: {reason.ReplyText}"));
            }
#pragma warning disable CA1031 // Whatever it is, it is tried again; who listens says what that means.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!stopping.IsCancellationRequested)
                {
                    lost(exception);
                }
            }

            await backoff.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ListenAsync(IChannel channel, Action<ServiceHeartbeat> hear, CancellationToken stopping)
    {
        await channel.ExchangeDeclareAsync(
            ServiceHeartbeat.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: stopping);
        var queue = await channel.QueueDeclareAsync(
            arguments: new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-max-length"] = MostUnheard },
            cancellationToken: stopping);
        await channel.QueueBindAsync(queue.QueueName, ServiceHeartbeat.Exchange, "#", cancellationToken: stopping);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            if (ServiceHeartbeat.TryRead(delivery.Body.Span) is { } heartbeat)
            {
                hear(heartbeat);
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stopping);
    }
}
