using OrderFlow.Cli.Faults.Messages;

namespace OrderFlow.Cli.Verification;

/// <summary>Reads everything that is compared, once the system is at rest.</summary>
internal sealed class ObservedStateReader(DatabaseState databases, BrokerLink broker, BrokerMap map, TimeProvider time)
{
    /// <param name="left">What queues and outboxes hold.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public async Task<ObservedState> ReadAsync(IReadOnlyDictionary<string, long> left, CancellationToken cancellationToken) => new()
    {
        Orders = await databases.OrdersAsync(cancellationToken),
        Payments = await databases.PaymentsAsync(cancellationToken),
        Notifications = await databases.NotificationsAsync(cancellationToken),
        StockAfter = await databases.StockAsync(cancellationToken),
        DeadLetters = await new DeadLetterReader(broker, time).ReadAsync(map.DeadLetterQueues, DeadLetterReader.Quiet, cancellationToken),
        Left = new Dictionary<string, long>(left, StringComparer.Ordinal) { ["the schedule, of orders that have ended,"] = await databases.NeedlessDeadlinesAsync(cancellationToken) },
    };
}
