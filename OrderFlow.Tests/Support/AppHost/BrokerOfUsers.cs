using System.Collections.Concurrent;
using OrderFlow.AppHost.RabbitMQ;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Tests.Support.AppHost;

/// <summary>A broker that has the users of the services and nothing else, until a test declares it.</summary>
public sealed class BrokerOfUsers : IAsyncLifetime
{
    private readonly IReadOnlyList<(BrokerUser User, string Password)> _users =
        [.. BrokerUsers.All.Select(user => (user, Guid.NewGuid().ToString("N")))];

    private readonly ConcurrentDictionary<string, Task<IConnection>> _connections = new(StringComparer.Ordinal);

    public BrokerOfUsers() => Node = new(_users);

    public RabbitNode Node { get; }

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Node.StartAsync();
        await using var administrator =
            await new ConnectionFactory { Uri = new(Node.ConnectionString) }.CreateConnectionAsync(CancellationToken);
        await using var channel = await administrator.CreateChannelAsync(cancellationToken: CancellationToken);
        // What a coming version of the publishers declares.
        await channel.ExchangeDeclareAsync("wire-tap", ExchangeType.Topic, durable: true, cancellationToken: CancellationToken);
        foreach (var user in BrokerUsers.All)
        {
            await ServiceProgram.Of(user.Service).Topology.DeclareAsync(administrator, CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
        {
            await (await connection).DisposeAsync();
        }

        await Node.DisposeAsync();
    }

    public string PasswordOf(string service) => _users.Single(entry => entry.User.Service == service).Password;

    /// <summary>Connects as the service does.</summary>
    public IConnectionFactory As(string service) =>
        new ConnectionFactory
        {
            Uri = new(Node.ConnectionString),
            UserName = service,
            Password = PasswordOf(service),
            ClientProvidedName = service
        };

    public Task<IConnection> ConnectionOfAsync(string service) =>
        _connections.GetOrAdd(service, name => As(name).CreateConnectionAsync(CancellationToken.None));

    /// <summary>Takes the next message of the queue, also of one that gives its messages to a single consumer only.</summary>
    public static async Task TakeAsync(IChannel channel, params IEnumerable<string> queues)
    {
        var taken = new TaskCompletionSource();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, _) =>
        {
            taken.TrySetResult();
            return Task.CompletedTask;
        };
        List<string> tags = [];
        foreach (var queue in queues)
        {
            tags.Add(await channel.BasicConsumeAsync(queue, autoAck: true, consumer, CancellationToken));
        }

        await taken.Task.WaitAsync(Wait.Long, CancellationToken);
        foreach (var tag in tags)
        {
            await channel.BasicCancelAsync(tag, cancellationToken: CancellationToken);
        }
    }

    /// <summary>Does it as the service, on a channel of its own; returns what the broker refuses, or <see langword="null"/>.</summary>
    public async Task<string?> RefusalAsync(string service, Func<IChannel, Task> act)
    {
        await using var channel = await (await ConnectionOfAsync(service)).CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), CancellationToken);
        try
        {
            await act(channel);
            return null;
        }
        catch (Exception refused) when (refused is OperationInterruptedException or AlreadyClosedException)
        {
            return ((OperationInterruptedException)refused).ShutdownReason?.ReplyText;
        }
        catch (PublishException) when (channel.CloseReason is { } reason)
        {
            return reason.ReplyText;
        }
    }
}
