using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Connections;
using RabbitMQ.Client;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// Looks at the queue in which orders wait for OrderService. When more come than it takes, the Gateway turns some away at once: they may
/// come again, and those that were accepted are done in time.
/// </summary>
internal sealed class OrderQueueWatch(
    OrderQueue orders, BrokerConnector connector, IOptions<PlaceOrderOptions> options, TimeProvider time,
    ILogger<OrderQueueWatch> logger) : BackgroundService
{
    private const string Queue = ServiceNames.OrderService;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly QueueWait _wait = new(options.Value.LongestWait);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.LongestWait == TimeSpan.Zero)
        {
            return;
        }

        var backoff = new Backoff(time, TimeSpan.FromSeconds(1));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connector.ConnectAsync($"{ServiceNames.Gateway}-queue", stoppingToken);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
                await WatchAsync(channel, backoff, stoppingToken);
            }
#pragma warning disable CA1031 // Whatever it is, orders are accepted, and it is tried again; the bus says what ails the broker.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _wait.Forget();
                Note(_wait.IsTooLong);
                if (!stoppingToken.IsCancellationRequested)
                {
                    Log.QueueUnknown(logger, Queue, exception.Message);
                }
            }

            await backoff.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(IChannel channel, Backoff backoff, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        var (at, put) = (time.GetTimestamp(), orders.Count);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var queue = await channel.QueueDeclarePassiveAsync(Queue, stoppingToken);
            var (now, putNow) = (time.GetTimestamp(), orders.Count);
            _wait.Look(queue.MessageCount, queue.ConsumerCount, putNow - put, time.GetElapsedTime(at, now));
            (at, put) = (now, putNow);
            backoff.Reset();
            Note(_wait.IsTooLong);
        }
    }

    private void Note(bool isFull)
    {
        if (isFull && !orders.IsFull)
        {
            Log.QueueFull(logger, Queue, options.Value.LongestWait);
        }

        orders.IsFull = isFull;
    }
}
