using System.Collections.Concurrent;
using System.Text;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>The broker seen without OrderFlow's bus between.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly IConnection _connection;

    private RawClient(IConnection connection, IChannel channel) => (_connection, Channel) = (connection, channel);

    public IChannel Channel { get; }

    public static async Task<RawClient> ConnectAsync(RabbitNode node)
    {
        var opened = await new ConnectionFactory { Uri = new Uri(node.ConnectionString) }.CreateConnectionAsync();
        return new RawClient(opened, await opened.CreateChannelAsync(new CreateChannelOptions(true, true)));
    }

    /// <summary>A queue that gets everything of an exchange, as a tap.</summary>
    public async Task<string> TapAsync(string exchange, string routingKey = "#")
    {
        await Channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true);
        var queue = await Channel.QueueDeclareAsync($"tap-{Guid.NewGuid():N}", durable: false, exclusive: true, autoDelete: true);
        await Channel.QueueBindAsync(queue.QueueName, exchange, routingKey);
        return queue.QueueName;
    }

    public ValueTask SendAsync(string queue, BasicProperties properties, ReadOnlyMemory<byte> body) =>
        Channel.BasicPublishAsync("", queue, mandatory: true, properties, body);

    public async Task<uint> CountAsync(string queue) => (await Channel.QueueDeclarePassiveAsync(queue)).MessageCount;

    /// <summary>Takes everything from a queue, and what is packed as if each had come by itself.</summary>
    public async Task<List<IReadOnlyBasicProperties>> TakeAllAsync(string queue)
    {
        var all = new List<IReadOnlyBasicProperties>();
        while (await Channel.BasicGetAsync(queue, autoAck: true, TestContext.Current.CancellationToken) is { } got)
        {
            all.AddRange(PackedMessages.In(got.BasicProperties, got.Body).Select(message => message.Properties));
        }

        return all;
    }

    public async Task CountIsAsync(string queue, uint count)
    {
        var now = 0u;
        await Wait.UntilAsync(() => $"{queue} holds {count} messages ({now} now)", async () => (now = await CountAsync(queue)) == count);
    }

    /// <summary>
    /// Consumes what the queues hold, until it is so many; a queue with a single active consumer gives nothing otherwise.
    /// </summary>
    public async Task<List<(string Queue, IReadOnlyBasicProperties Properties)>> ConsumeAsync(IEnumerable<string> queues, int count)
    {
        var taken = new ConcurrentQueue<(string Queue, IReadOnlyBasicProperties Properties)>();
        foreach (var queue in queues)
        {
            var consumer = new AsyncEventingBasicConsumer(Channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                taken.Enqueue((queue, new BasicProperties(delivery.BasicProperties)));
                return Task.CompletedTask;
            };
            await Channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        }

        await Wait.UntilAsync(() => $"{count} messages come ({taken.Count} now)", () => Task.FromResult(taken.Count >= count));
        return [.. taken];
    }

    /// <summary>Takes the next message, waiting for one.</summary>
    public async Task<BasicGetResult> GetAsync(string queue)
    {
        BasicGetResult? got = null;
        await Wait.UntilAsync(
            $"{queue} holds a message", async () => (got = await Channel.BasicGetAsync(queue, autoAck: true)) is not null);
        return got!;
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

internal static class Headers
{
    /// <summary>A header's text; <see langword="null"/> when it is absent.</summary>
    public static string? Text(this IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    public static object? Value(this IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out var value) == true ? value : null;
}
