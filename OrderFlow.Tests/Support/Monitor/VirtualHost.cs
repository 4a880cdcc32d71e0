using OrderFlow.Messaging.Topology;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>A virtual host of the shared broker for one test, so that its tap gets nothing of other tests.</summary>
internal sealed class VirtualHost : IAsyncDisposable
{
    private static readonly string[] Exchanges = ["order.events", "payment.events", "notification.events", WireTapExchange.Exchange];

    private readonly RabbitNode _node;
    private readonly string _name = $"monitor-{Guid.NewGuid():N}";
    private IConnection? _connection;

    private VirtualHost(RabbitNode node) => _node = node;

    public string ConnectionString => $"{_node.ConnectionString}/{_name}";

    public IChannel Channel { get; private set; } = null!;

    public static async Task<VirtualHost> CreateAsync(RabbitNode node)
    {
        var host = new VirtualHost(node);
        await node.ControlAsync("add_vhost", host._name);
        await node.ControlAsync("set_permissions", "-p", host._name, "orderflow", ".*", ".*", ".*");
        host._connection = await new ConnectionFactory
        {
            Uri = new Uri(host.ConnectionString),
            ClientProvidedName = "test",
        }.CreateConnectionAsync();
        host.Channel = await host._connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var exchange in Exchanges)
        {
            await host.Channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true);
        }

        return host;
    }

    /// <summary>Publishes what listeners get of events, as the services do: confirmed when this returns.</summary>
    public Task PublishAsync(params IEnumerable<TestEvent> events) =>
        Task.WhenAll(
            events.Select(
                one =>
                    Channel.BasicPublishAsync(
                        WireTapExchange.Exchange,
                        one.WireType,
                        mandatory: true,
                        one.Properties(),
                        Google.Protobuf.MessageExtensions.ToByteArray(one.Body)).AsTask()));

    /// <summary>Sets how many messages a queue holds at most.</summary>
    public Task LimitAsync(string queue, int messages) =>
        _node.ControlAsync("set_policy", "-p", _name, "short",
            $"^{queue.Replace(".", "\\.", StringComparison.Ordinal)}$", $$"""{"max-length":{{messages}}}""", "--apply-to", "queues");

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection!.DisposeAsync();
        await _node.ControlAsync("delete_vhost", _name);
    }
}
