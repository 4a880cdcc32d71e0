using System.Collections.Concurrent;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>
/// Sees every event of the system on a queue of its own, as any listener would that is no consumer; survives a broker restart.
/// </summary>
internal sealed class EventTap : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<TappedEvent>> _byOrder = new(StringComparer.Ordinal);

    private EventTap(IConnection connection) => _connection = connection;

    public static async Task<EventTap> StartAsync(Uri broker, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker, NetworkRecoveryInterval = TimeSpan.FromMilliseconds(500) };
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        var tap = new EventTap(connection);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var queue = $"tap-{Guid.NewGuid():N}";
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(
            WireTapExchange.Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, WireTapExchange.Exchange, "#", cancellationToken: cancellationToken);

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += tap.OnReceivedAsync;
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        return tap;
    }

    /// <summary>The orders of which an event of the type was seen.</summary>
    public IReadOnlyCollection<string> OrdersWith(string wireType) =>
        [.. _byOrder.Where(order => order.Value.Any(tapped => tapped.WireType == wireType)).Select(order => order.Key)];

    /// <summary>How many events of the type were seen of the order.</summary>
    public int CountOf(string orderId, string wireType) => EventsOf(orderId).Count(tapped => tapped.WireType == wireType);

    /// <summary>How many different events of the type were seen of the order; one that was published again counts once.</summary>
    public int DifferentOf(string orderId, string wireType) =>
        EventsOf(orderId).Where(tapped => tapped.WireType == wireType)
            .Select(tapped => tapped.MessageId)
            .Distinct(StringComparer.Ordinal)
            .Count();

    /// <summary>The events of one order, once all of the types have been seen.</summary>
    public async Task<IReadOnlyDictionary<string, TappedEvent>> WaitForAsync(string orderId, string[] wireTypes, TimeSpan? patience = null)
    {
        await Wait.UntilAsync(
            () => $"order {orderId}: waited for {string.Join(", ", wireTypes)}, saw {string.Join(", ", Seen())}",
            () => wireTypes.All(Seen().Contains),
            patience);
        return EventsOf(orderId).GroupBy(tapped => tapped.WireType).ToDictionary(group => group.Key, group => group.First());

        IEnumerable<string> Seen() => EventsOf(orderId).Select(tapped => tapped.WireType);
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private ConcurrentQueue<TappedEvent> EventsOf(string orderId) => _byOrder.GetOrAdd(orderId, _ => new());

    private async Task OnReceivedAsync(object sender, BasicDeliverEventArgs delivery)
    {
        foreach (var tapped in TappedEvent.From(delivery))
        {
            EventsOf(tapped.Header("aggregate-id") ?? "").Enqueue(tapped);
        }

        await ((AsyncEventingBasicConsumer)sender).Channel.BasicAckAsync(
            delivery.DeliveryTag, multiple: false, delivery.CancellationToken);
    }
}
