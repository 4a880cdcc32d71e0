using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging;

/// <summary>
/// Starts and stops the connections with the service. Starting does not wait for the broker; health tells when it is there.
/// </summary>
internal sealed class MessageBus(
    MessagingWiring wiring, PublisherConnection publisher, ConsumerConnection consumer, IHostApplicationLifetime lifetime,
    IOptions<HostOptions> host, TimeProvider time, IPublishBacklog? outbox = null) : IHostedLifecycleService
{
    /// <summary>Of the host's shutdown time, what stays for confirms, for closing and for the services that stop after this one.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(2);
    private long _stoppingSince;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => Interlocked.CompareExchange(ref _stoppingSince, time.GetTimestamp(), 0));
        publisher.Start();
        if (wiring.Handled.Count > 0)
        {
            consumer.Start();
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Comes before anything stops, so that the outbox is at work until the last handler is done, whatever was registered first.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var deadline = DeadlineFrom(cancellationToken);
        await FinishHandlingAsync(deadline.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var deadline = DeadlineFrom(cancellationToken);

        // Handlers publish, and so does the outbox: the publisher stops last.
        await FinishHandlingAsync(deadline.Token);
        await publisher.StopAsync(deadline.Token);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task FinishHandlingAsync(CancellationToken deadline)
    {
        await consumer.StopAsync(deadline);
        if (outbox is not null)
        {
            await outbox.DrainAsync(deadline);
        }
    }

    private CancellationTokenSource DeadlineFrom(CancellationToken cancellationToken)
    {
        // Whoever stops a host by hand has not told its lifetime yet.
        Interlocked.CompareExchange(ref _stoppingSince, time.GetTimestamp(), 0);
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeForHandling());
        return deadline;
    }

    private TimeSpan TimeForHandling()
    {
        var used = _stoppingSince == 0 ? TimeSpan.Zero : time.GetElapsedTime(_stoppingSince);
        var left = host.Value.ShutdownTimeout - Reserve - used;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
