using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Gateway.ShedLoad;

/// <summary>Hears from the services how long events wait for them, and decides four times a second how many orders come in.</summary>
internal sealed class HeartbeatListener(
    OrderPace pace, Admission admission, BrokerConnector connector, TimeProvider time, ILogger<HeartbeatListener> logger)
    : BackgroundService
{
    private const int MostUnheard = 1000;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private readonly long _began = time.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(time, TimeSpan.FromSeconds(1));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connector.ConnectAsync($"{Contracts.ServiceNames.Gateway}:heartbeats", stoppingToken);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
                await ListenAsync(channel, stoppingToken);
                backoff.Reset();
                await DecideAsync(channel, stoppingToken);
            }
#pragma warning disable CA1031 // Whatever it is, it is tried again; the bus says what ails the broker.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!stoppingToken.IsCancellationRequested)
                {
                    Log.NothingHeard(logger, exception.Message);
                }
            }

            admission.Open();
            await backoff.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(IChannel channel, CancellationToken stoppingToken)
    {
        await channel.ExchangeDeclareAsync(
            ServiceHeartbeat.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: stoppingToken);
        var queue = await channel.QueueDeclareAsync(
            arguments: new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-max-length"] = MostUnheard },
            cancellationToken: stoppingToken);
        await channel.QueueBindAsync(queue.QueueName, ServiceHeartbeat.Exchange, "#", cancellationToken: stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            if (ServiceHeartbeat.TryRead(delivery.Body.Span) is { } heartbeat)
            {
                pace.Hear(heartbeat, time.GetElapsedTime(_began));
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stoppingToken);
    }

    private async Task DecideAsync(IChannel channel, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (channel.IsOpen && await timer.WaitForNextTickAsync(stoppingToken))
        {
            Decide();
        }
    }

    private void Decide()
    {
        var (before, now) = (admission.IsLimited, pace.Look(time.GetElapsedTime(_began)));
        admission.Decide(now);
        if (admission.IsLimited && !before)
        {
            Log.OrdersWait(logger, now.Wait.TotalMilliseconds, now.Rate);
        }
    }
}
