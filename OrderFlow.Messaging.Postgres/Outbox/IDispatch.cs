using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>A way to publish events right after their commit. What it cannot take or publish stays in the outbox, for the sweep.</summary>
internal interface IDispatch
{
    /// <summary>Takes events of a transaction that has committed.</summary>
    /// <param name="events">The events.</param>
    /// <param name="batch">The row that holds them; <see langword="null"/> when each has its own, as where order is kept.</param>
    void Submit(List<EncodedEvent> events, Guid? batch);

    /// <summary>Works until <paramref name="stoppingToken"/> fires, or <see cref="Complete"/> was called and all is done.</summary>
    Task RunAsync(CancellationToken stoppingToken);

    /// <summary>Takes no more.</summary>
    void Complete();

    /// <summary>Rows, by event or batch, that are being published or about to be deleted: the sweep leaves them alone.</summary>
    Guid[] InHand();
}
