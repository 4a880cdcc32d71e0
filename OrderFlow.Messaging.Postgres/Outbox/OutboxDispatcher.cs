using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>Publishes events right after their commit, in order where the service asks for it.</summary>
internal sealed class OutboxDispatcher(
    NpgsqlDataSource database, OutboxRelay relay, ConfirmedRows confirmed, IEncodedEventPublisher publisher,
    IOptions<DurabilityOptions> options, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService, IPublishBacklog
{
    private readonly IDispatch _dispatch = options.Value.PublishInOrder
        ? new OrderedDispatch(relay, options.Value, time, logger)
        : new PipelinedDispatch(database, relay, confirmed, publisher, options.Value, time, logger);

    /// <inheritdoc cref="IDispatch.Submit"/>
    public void Submit(List<EncodedEvent> events, Guid? batch = null) => _dispatch.Submit(events, batch);

    /// <inheritdoc cref="IDispatch.InHand"/>
    public Guid[] InHand() => _dispatch.InHand();

    /// <summary>
    /// Takes no more and publishes what it has, until <paramref name="deadline"/> fires. For the end of the service,
    /// between the consumer's stop and the publisher's; stopping the host does it, too.
    /// </summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        _dispatch.Complete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _dispatch.RunAsync(stoppingToken);
}
