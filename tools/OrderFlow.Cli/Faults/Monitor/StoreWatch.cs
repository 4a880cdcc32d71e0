using OrderFlow.Cli.Faults.Messages;
using OrderFlow.Cli.Verification;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Monitor;

/// <summary>Looks from outside how far the Monitor's store is: at its queue, and whether it knows what customers know.</summary>
internal sealed class StoreWatch(BrokerLink link, string queue, DatabaseState databases, Ledger ledger, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>The notification reaches the customer before its event reaches anybody: the store is asked for what customers knew a second ago.</summary>
    private const int Looks = 5;

    private readonly Queue<int> _told = new();

    /// <summary>Events in the queue that nobody has.</summary>
    public long Waiting { get; private set; }

    public long MostWaiting { get; private set; }

    /// <summary>Whether nothing waits, and every end that customers knew a second ago is stored.</summary>
    public bool HasCaughtUp { get; private set; }

    public Task RunAsync(CancellationToken ended) => link.RunAsync(
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
        _told.Enqueue(ledger.Told);
        var known = _told.Count > Looks ? _told.Dequeue() : int.MaxValue;
        Waiting = await channel.MessageCountAsync(queue, cancellationToken);
        MostWaiting = Math.Max(MostWaiting, Waiting);
        HasCaughtUp = Waiting == 0 && await databases.StoredEndsAsync(cancellationToken) >= known;
    }
}
