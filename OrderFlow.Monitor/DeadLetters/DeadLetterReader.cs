using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>Reads single dead letters, and the history of those that are none any more.</summary>
internal sealed class DeadLetterReader(DeadLetterQueues queues, HandlingReader handling, MaskedFields masked)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>The message, <see langword="null"/> when it is not in the queue; and whether the queue could be read.</returns>
    public async Task<(bool HadTurn, DeadLetterDetail? Found)> FindAsync(string service, string id, CancellationToken cancellationToken)
    {
        var (hadTurn, content) = await queues.TryTakeTurnAsync(
            service, Patience, () => queues.Replay.FindAsync(service, id, cancellationToken), cancellationToken);
        return (hadTurn, content is null ? null : DeadLetterDetail.Of(
            content, masked, await HistoryAsync(service, id, cancellationToken)));
    }

    /// <summary>What became of it at this service, the oldest first; nothing is known of a message that is no event.</summary>
    public async Task<IReadOnlyList<HandlingStep>> HistoryAsync(string service, string id, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var @event)
            ? [.. (await handling.OfEventAsync(@event, cancellationToken)).Where(step => step.Service == service)]
            : [];
}
