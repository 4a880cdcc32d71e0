using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Topology;

/// <summary>The service's own exchange, which sends every event of an aggregate to the same of its partition queues.</summary>
public sealed class OrderingDeclaration(string service, int partitions)
{
    public const string ExchangeType = "x-consistent-hash";

    /// <summary>Most partitions of a service.</summary>
    public const int Most = 64;

    /// <summary>Between this exchange and a queue the routing key is the queue's share of the aggregates.</summary>
    private const string SameShare = "1";

    /// <summary>A message without the header is hashed, too: like all of them to one partition, whose consumer dead-letters it.</summary>
    public static readonly Dictionary<string, object?> Arguments = new(
        StringComparer.Ordinal) { ["hash-header"] = HeaderNames.AggregateId };

    public string Exchange { get; } = ExchangeOf(service);

    public IReadOnlyList<string> Queues { get; } = [.. Enumerable.Range(0, partitions).Select(number => QueueOf(service, number))];

    /// <summary>What brings the events to the partitions.</summary>
    public IEnumerable<BindingDeclaration> Bindings => Queues.Select(queue => new BindingDeclaration(Exchange, SameShare, queue));

    public static string ExchangeOf(string service) => $"{service}.ordered";

    public async Task BindAsync(IChannel channel, IEnumerable<BindingDeclaration> sources, CancellationToken cancellationToken)
    {
        // The partitions first: an exchange without a queue would drop what it gets.
        foreach (var (exchange, share, queue) in Bindings)
        {
            await channel.QueueBindAsync(queue, exchange, share, cancellationToken: cancellationToken);
        }

        foreach (var (exchange, routingKey, target) in sources)
        {
            await channel.ExchangeBindAsync(target, exchange, routingKey, cancellationToken: cancellationToken);
            // From when the service kept no order. The broker says nothing when there is no such queue.
            await channel.QueueUnbindAsync(service, exchange, routingKey, cancellationToken: cancellationToken);
        }

        // From when there were more partitions: nobody would consume what still came to them.
        for (var number = partitions; number < Most; number++)
        {
            await channel.QueueUnbindAsync(QueueOf(service, number), Exchange, SameShare, cancellationToken: cancellationToken);
        }
    }

    private static string QueueOf(string service, int number) => $"{service}.{number}";
}
