using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Topology;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>What the queues of a service are called.</summary>
/// <param name="Own">The queue that it consumes.</param>
/// <param name="Retries">Where its events wait for a delayed retry.</param>
/// <param name="DeadLetters">Where those go that are given up.</param>
/// <param name="ParkingLot">Where the broker brings what it takes out of the dead letters itself.</param>
public sealed record ServiceQueues(string Own, IReadOnlyList<string> Retries, string DeadLetters, string ParkingLot)
{
    /// <param name="service">The service's name.</param>
    /// <param name="retryTiers">Delays of its retries as <see cref="MessagingOptions.RetryTiers"/> writes them; what cannot be read is
    /// none.</param>
    public static ServiceQueues Of(string service, string retryTiers) => new(
        service,
        RetryDelays.TryParse(retryTiers, out var delays)
            ? [.. delays.Distinct().Order().Select(delay => ServiceTopology.RetryQueueOf(service, delay))]
            : [],
        ServiceTopology.DeadLetterQueueOf(service),
        ServiceTopology.ParkingLotOf(service));
}
