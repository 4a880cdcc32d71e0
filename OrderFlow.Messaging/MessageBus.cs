using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Receiving;

namespace OrderFlow.Messaging;

/// <summary>Starts and stops the connections with the service. Starting does not wait for the broker; health tells when it is there.</summary>
internal sealed class MessageBus(
    MessagingWiring wiring, PublisherConnection publisher, ConsumerConnection consumer, IHostApplicationLifetime lifetime, IOptions<HostOptions> host, TimeProvider time) : IHostedService
{
    /// <summary>Of the host's shutdown time, what stays for confirms, for closing and for the services that stop after this one.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(2);
    private long stoppingSince;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => Interlocked.CompareExchange(ref stoppingSince, time.GetTimestamp(), 0));
        publisher.Start();
        if (wiring.Handled.Count > 0)
        {
            consumer.Start();
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeForHandling());

        // Handlers publish, so the publisher stops last.
        await consumer.StopAsync(deadline.Token);
        await publisher.StopAsync(deadline.Token);
    }

    private TimeSpan TimeForHandling()
    {
        var used = stoppingSince == 0 ? TimeSpan.Zero : time.GetElapsedTime(stoppingSince);
        var left = host.Value.ShutdownTimeout - Reserve - used;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
