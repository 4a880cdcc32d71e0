using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>The service's connection for publishing, over all its reconnections.</summary>
internal sealed class PublisherConnection(
    MessagingWiring wiring, BrokerConnector connector, IOptions<MessagingOptions> options, TimeProvider time,
    ILogger<PublisherConnection> logger) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly AsyncGate _connected = new(open: false);
    private PublisherSession? _current;
    private Task _running = Task.CompletedTask;

    public BrokerConnection Connection { get; } = new($"{wiring.Service}:publisher", connector, wiring.Topology, time, logger);

    /// <summary>Whether the broker has told to publish no more.</summary>
    public bool IsBlocked => Volatile.Read(ref _current)?.IsBlocked == true;

    public void Start() => _running = Task.Run(() => Connection.RunAsync(RunSessionAsync, _stopping.Token));

    /// <summary>Hands a message over, waiting a little for a connection, room or an unblocked broker; its task tells the rest.</summary>
    /// <exception cref="PublishException">It could not be handed over.</exception>
    public ValueTask EnqueueAsync(PendingPublish pending, CancellationToken cancellationToken) => Volatile.Read(ref _current) is { } session
        ? session.EnqueueAsync(pending, cancellationToken)
        : EnqueueWhenConnectedAsync(pending, cancellationToken);

    /// <summary>Hands a message over and waits for its confirm.</summary>
    /// <exception cref="PublishException">The broker did not take it.</exception>
    /// <exception cref="InvalidOperationException">It cannot be encoded.</exception>
    public async Task SendAsync(PendingPublish pending)
    {
        try
        {
            await EnqueueAsync(pending, CancellationToken.None);
        }
        catch (PublishException)
        {
            pending.ReleaseBody();
            throw;
        }

        await pending.Task;
    }

    /// <summary>Closes the connection, so that the next one declares the topology again.</summary>
    public void Renew() => Volatile.Read(ref _current)?.End();

    /// <summary>Lets what was handed over be confirmed until <paramref name="deadline"/> fires, then closes the connection.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        if (Volatile.Read(ref _current) is { } session)
        {
            await session.DrainAsync().WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose() => _stopping.Dispose();

    private async ValueTask EnqueueWhenConnectedAsync(PendingPublish pending, CancellationToken cancellationToken)
    {
        if (!await _connected.WaitAsync(options.Value.PublishWait, time, cancellationToken)
            || Volatile.Read(ref _current) is not { } session)
        {
            throw new PublishException(PublishFailure.Disconnected, pending.Describe(
                $"there is no connection to the broker at {connector.Address} ({Connection.Problem}). "
                + "It is tried again all the time; publish again later"))
            {
                MayHaveArrived = false,
            };
        }

        await session.EnqueueAsync(pending, cancellationToken);
    }

    private async Task RunSessionAsync(IConnection connection, Action ready, CancellationToken lost)
    {
        using var session = new PublisherSession(options.Value, time, logger);
        try
        {
            await session.RunAsync(connection, Ready, lost, _stopping.Token);
        }
        finally
        {
            _connected.Set(open: false);
            Volatile.Write(ref _current, null);
        }

        void Ready()
        {
            Volatile.Write(ref _current, session);
            _connected.Set(open: true);
            ready();
        }
    }
}
