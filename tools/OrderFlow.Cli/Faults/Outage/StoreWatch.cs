using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Observation;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Outage;

/// <summary>Looks from outside how far the Monitor's store is: at its queue, and whether it knows what customers know.</summary>
internal sealed class StoreWatch(
    ReconnectingBroker broker, string queue, DatabaseReader databases, CustomerLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The notification reaches the customer before its event reaches anybody: the store is asked for what customers knew a second ago.
    /// </summary>
    private const int Looks = 5;

    private readonly Queue<int> _notified = new();

    /// <summary>Events in the queue that are not delivered yet.</summary>
    public long Waiting { get; private set; }

    public long MostWaiting { get; private set; }

    /// <summary>Whether nothing waits, and every end that customers knew a second ago is stored.</summary>
    public bool HasCaughtUp { get; private set; }

    public Task RunAsync(CancellationToken ended) => broker.RunAsync(
        async connection =>
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ended);
            while (!ended.IsCancellationRequested)
            {
                await LookAsync(channel, ended);
                await Task.Delay(LookEvery, time, ended);
            }
        },
        ended);

    private async Task LookAsync(IChannel channel, CancellationToken cancellationToken)
    {
        _notified.Enqueue(ledger.NotifiedOrders);
        var known = _notified.Count > Looks ? _notified.Dequeue() : int.MaxValue;
        Waiting = await channel.MessageCountAsync(queue, cancellationToken);
        MostWaiting = Math.Max(MostWaiting, Waiting);
        HasCaughtUp = Waiting == 0 && await databases.StoredEndsAsync(cancellationToken) >= known;
    }
}
