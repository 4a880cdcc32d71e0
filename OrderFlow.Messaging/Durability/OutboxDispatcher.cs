using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging.Durability;

/// <summary>
/// Publishes events right after their commit, many transactions' worth at once when they come fast. What it cannot take or
/// publish stays in the outbox, for the sweep.
/// </summary>
internal sealed class OutboxDispatcher(
    OutboxRelay relay, IOptions<DurabilityOptions> options, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private readonly Channel<EncodedEvent> committed = Channel.CreateBounded<EncodedEvent>(options.Value.DispatchBuffer);
    private readonly Reminder reminder = new(time, TimeSpan.FromSeconds(30));

    /// <summary>Takes events of a transaction that has committed.</summary>
    public void Submit(List<EncodedEvent> events)
    {
        foreach (var @event in events)
        {
            if (!committed.Writer.TryWrite(@event))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Takes no more and publishes what it has, until <paramref name="cancellationToken"/> fires. For the end of the service,
    /// between the consumer's stop and the publisher's; stopping the host does it, too.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        committed.Writer.TryComplete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.DispatchConcurrency).Select(_ => Task.Run(() => PublishAsync(stoppingToken), stoppingToken)));

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        while (await committed.Reader.WaitToReadAsync(stoppingToken))
        {
            var events = new List<EncodedEvent>();
            while (events.Count < options.Value.PublishBatch && committed.Reader.TryRead(out var @event))
            {
                events.Add(@event);
            }

            if (events.Count == 0 || relay.BrokerAway)
            {
                continue;
            }

            try
            {
                await relay.PublishAsync(events, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (reminder.IsDue())
                {
                    Log.DispatchFailed(logger, events.Count, exception);
                }
            }
        }
    }
}
