namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>Takes what a tap receives, batch after batch, never two at once.</summary>
public interface ITapReceiver
{
    /// <summary>
    /// Stores the batch. It is acknowledged when this returns, and given again, after a growing delay and for as long as it takes, when
    /// this throws. The same message can come in several batches: after a lost connection, for example.
    /// </summary>
    Task ReceiveAsync(IReadOnlyList<TappedMessage> batch, CancellationToken cancellationToken);
}
