namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>How far a tap is.</summary>
public interface ITap
{
    /// <summary>Whether the tap is connected and consumes its queue.</summary>
    bool IsListening { get; }

    /// <summary>The oldest message that this process has and its receiver has not; <see langword="null"/> when there is none.</summary>
    TappedMessage? OldestUnstored { get; }

    /// <summary>
    /// Messages that the receiver does not have: in the tap's queue, and fetched from it by this process; <see langword="null"/> when the
    /// broker does not answer.
    /// </summary>
    Task<long?> WaitingAsync(CancellationToken cancellationToken);

    /// <summary>What is in any queue; <see langword="null"/> when it does not exist or the broker does not answer.</summary>
    Task<QueueCount?> CountAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>What the broker says of a queue.</summary>
/// <param name="Waiting">Messages that are ready to be delivered.</param>
/// <param name="Total">With them those that a consumer has and did not acknowledge; where no management API is configured, the same as
/// <paramref name="Waiting"/>.</param>
/// <param name="Consumers">Consumers that take messages from it.</param>
public sealed record QueueCount(long Waiting, long Total, long Consumers);
