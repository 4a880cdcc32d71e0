using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Consuming over one connection: deliveries wait in a queue that the prefetch bounds, workers handle them, and their
/// acknowledgements go out together. Delivery tags belong to the channel, so nothing of a session outlives it.
/// </summary>
internal sealed class ConsumerSession(
    MessagingWiring wiring, MessagingOptions options, PoisonMessageGuard poisonGuard, IDeliveryHandler handler, TimeProvider time,
    ILogger logger) : IDisposable
{
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(1);

    /// <summary>What the broker gave up comes one by one: one of them may be what ends the connection.</summary>
    private const ushort UndeliveredPrefetch = 1;
    private readonly CancellationTokenSource _aborting = new();
    private readonly AckCoalescer _acks = new(options.Prefetch, time);

    /// <summary>
    /// Consumes until the connection is lost or <paramref name="stopping"/> fires; then finishes what is being handled until
    /// <paramref name="deadline"/>.
    /// </summary>
    public async Task RunAsync(
        IConnection connection, Action ready, CancellationToken lost, CancellationToken stopping, CancellationToken deadline)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost);
        using var unsuspected = new CancellationTokenSource();
        using var draining = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stopping, unsuspected.Token);
        // Without its channel nothing can be acknowledged, so what is under way would be done twice: it ends at once.
        using var abortWhenLost = ended.Token.Register(_aborting.Cancel);
        using var abortAtDeadline = deadline.Register(_aborting.Cancel);

        await using var channel = await connection.CreateChannelAsync(cancellationToken: draining.Token);
        channel.ChannelShutdownAsync += (_, _) => ended.CancelAsync();
        var lifetime = new HandlingLifetime(draining.Token, _aborting.Token);
        var acknowledging = new Acknowledger(channel, _acks, time);
        var workers = new WorkerPools(wiring, options, HandleAndSuspectLessAsync, time, draining.Token);
        var flushing = acknowledging.RunAsync(ended.Token);
        try
        {
            var prefetch = poisonGuard.Prefetch;
            var tags = await ConsumeAsync(channel, prefetch, Receive, draining.Token);
            ready();
            Log.Consuming(logger, wiring.Service, prefetch, options.Concurrency);
            await Task.Delay(Timeout.InfiniteTimeSpan, draining.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ended.IsCancellationRequested)
            {
                await CancelAsync(channel, tags, ended.Token);
                Log.Draining(logger, wiring.Service, workers.Active);
            }
        }
        finally
        {
            await draining.CancelAsync();
            await FinishAsync(workers);
            acknowledging.Complete();
            await flushing;
        }

        DeliveryReceiver Receive(string queue) => new(wiring, channel, queue, _acks, workers, ended.Cancel, time);

        async Task<Settlement> HandleAndSuspectLessAsync(Delivery delivery)
        {
            var settlement = await HandleAsync(delivery, acknowledging, lifetime, ended);
            if (!lifetime.Draining.IsCancellationRequested && poisonGuard.Parsed())
            {
                // A consumer's prefetch cannot be changed: after the last suspect, the next session takes over.
                await unsuspected.CancelAsync();
            }

            return settlement;
        }
    }

    public void Dispose() => _aborting.Dispose();

    private async Task<List<string>> ConsumeAsync(
        IChannel channel, int prefetch, Func<string, DeliveryReceiver> receiverOf, CancellationToken cancellationToken)
    {
        // The prefetch counts per consumer. Equal for all replicas: a queue that takes back more than the next consumer may have would
        // confuse their order.
        var queues = wiring.Topology.ServiceQueues;
        await channel.BasicQosAsync(0, (ushort)((prefetch + queues.Count - 1) / queues.Count), global: false, cancellationToken);
        var tags = new List<string>(queues.Count);
        foreach (var queue in queues)
        {
            tags.Add(await channel.BasicConsumeAsync(queue, autoAck: false, receiverOf(queue), cancellationToken));
        }

        await channel.BasicQosAsync(0, UndeliveredPrefetch, global: false, cancellationToken);
        var undelivered = wiring.Topology.UndeliveredQueue!;
        tags.Add(await channel.BasicConsumeAsync(undelivered, autoAck: false, receiverOf(undelivered), cancellationToken));

        return tags;
    }

    private async Task CancelAsync(IChannel channel, List<string> tags, CancellationToken cancellationToken)
    {
        // Where order is kept, the broker may give nothing to the next consumer before this one has finished: it does when the channel
        // closes.
        if (wiring.KeepsOrder)
        {
            return;
        }

        foreach (var tag in tags)
        {
            await channel.BasicCancelAsync(tag, cancellationToken: cancellationToken);
        }
    }

    private async Task FinishAsync(WorkerPools workers)
    {
        var all = workers.CompleteAsync();
        await all.WaitAsync(_aborting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!all.IsCompleted)
        {
            Log.StoppedWhileHandling(logger, workers.Active, wiring.Service);
            // A handler that ignores its token is left behind; what it still does cannot be acknowledged any more.
            await all.WaitAsync(LastMoment, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Settlement> HandleAsync(
        Delivery delivery, Acknowledger acknowledging, HandlingLifetime lifetime, CancellationTokenSource ended)
    {
        var settlement = Settlement.Keep;
        try
        {
            // What was not begun when the consumer stops is delivered again when the channel closes.
            if (!lifetime.Draining.IsCancellationRequested)
            {
                settlement = await handler.HandleAsync(delivery, lifetime);
                await acknowledging.SettleAsync(delivery, settlement);
            }
        }
        catch (Exception) when (lifetime.Aborting.IsCancellationRequested)
        {
            // The channel is gone or going: the broker delivers it again.
        }
#pragma warning disable CA1031 // A fault of the bus itself must not silently take a worker away.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PipelineFailed(logger, wiring.Service, exception);
            await ended.CancelAsync();
        }
        finally
        {
            if (settlement != Settlement.Later)
            {
                delivery.Release();
            }
        }

        return settlement;
    }
}
