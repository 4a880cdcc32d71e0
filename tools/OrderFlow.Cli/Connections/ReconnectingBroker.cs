using RabbitMQ.Client;

namespace OrderFlow.Cli.Connections;

/// <summary>Connections to a broker that may go away: when one is lost, the work begins again on a new one.</summary>
/// <param name="broker">The AMQP URI.</param>
/// <param name="name">What the broker's management calls the connections.</param>
/// <param name="time">The clock of the pause before each new connection.</param>
internal sealed class ReconnectingBroker(Uri broker, string name, TimeProvider time)
{
    /// <summary>Options of a channel on which every publish waits for its confirm.</summary>
    public static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // The client's own recovery is off: it would mend a connection whose work has already begun again on another one.
    private readonly ConnectionFactory _factory = new()
    {
        Uri = broker,
        AutomaticRecoveryEnabled = false,
        ClientProvidedName = name,
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
    };

    /// <summary>Opens one connection, and tries once.</summary>
    public Task<IConnection> ConnectAsync(CancellationToken cancellationToken) => _factory.CreateConnectionAsync(cancellationToken);

    /// <summary>Does the work on a connection, and again on a new one whenever the broker goes away, until it returns.</summary>
    /// <param name="work">The client's exceptions end one attempt; what is already done must be remembered outside of it.</param>
    /// <param name="stop">Ends the attempts.</param>
    public async Task RunAsync(Func<IConnection, Task> work, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await ConnectAsync(stop);
                await work(connection);
                return;
            }
            catch (Exception exception) when (TransientErrors.OfBroker(exception))
            {
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
