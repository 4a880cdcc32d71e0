using OrderFlow.Cli.Notifications;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>A connection for as long as the run lasts: over the broker's ends, work begins anew on another one.</summary>
internal sealed class BrokerLink(Uri broker, string name, TimeProvider time)
{
    /// <summary>Every publish waits for its confirm.</summary>
    public static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConnectionFactory _factory = BrokerConnections.To(broker, name);

    /// <summary>Does the work on a connection, and again on another when the broker goes away, until it is done.</summary>
    /// <param name="work">What is begun is left by an exception of the broker's client; what is done must be remembered outside.</param>
    /// <param name="stop">Ends trying.</param>
    public async Task RunAsync(Func<IConnection, Task> work, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _factory.CreateConnectionAsync(stop);
                await work(connection);
                return;
            }
            catch (Exception exception) when (BrokerTrouble.Is(exception))
            {
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
