using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>Reads single dead letters, and what is known of those that are none any more.</summary>
internal sealed class DeadLetterReader(DeadLetterQueues queues, HandlingReader handling, MaskedFields masked)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>The message, <see langword="null"/> when it is not in the queue; and whether the queue could be looked at.</returns>
    public async Task<(bool Looked, DeadLetterDetail? Found)> FindAsync(string service, string id, CancellationToken cancellationToken)
    {
        var (looked, content) = await queues.TryTakeTurnAsync(service, Patience, () => queues.Replay.FindAsync(service, id, cancellationToken), cancellationToken);
        return (looked, content is null ? null : DeadLetterDetail.Of(content, masked, await HistoryAsync(service, id, cancellationToken)));
    }

    /// <summary>What became of it at this service, the oldest first; of what is no event, nothing is told.</summary>
    public async Task<IReadOnlyList<HandlingStep>> HistoryAsync(string service, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var @event) ? [.. (await handling.OfEventAsync(@event, cancellationToken)).Where(step => step.Service == service)] : [];
}
