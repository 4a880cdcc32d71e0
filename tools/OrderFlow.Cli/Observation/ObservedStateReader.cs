namespace OrderFlow.Cli.Observation;

/// <summary>Reads everything that is compared, once the system has settled.</summary>
internal sealed class ObservedStateReader(DatabaseReader databases, DeadLetterReader deadLetters, BrokerTopology topology)
{
    /// <param name="remaining">What queues and outboxes hold.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public async Task<ObservedState> ReadAsync(IReadOnlyDictionary<string, long> remaining, CancellationToken cancellationToken) => new()
    {
        Orders = await databases.OrdersAsync(cancellationToken),
        Payments = await databases.PaymentsAsync(cancellationToken),
        Notifications = await databases.NotificationsAsync(cancellationToken),
        StockAfter = await databases.StockAsync(cancellationToken),
        DeadLetters = await deadLetters.ReadAsync(topology.DeadLetterQueues, DeadLetterReader.Quiet, cancellationToken),
        Remaining = new Dictionary<string, long>(remaining, StringComparer.Ordinal)
        {
            ["the schedule, of orders that have ended,"] = await databases.NeedlessDeadlinesAsync(cancellationToken),
        },
    };
}
