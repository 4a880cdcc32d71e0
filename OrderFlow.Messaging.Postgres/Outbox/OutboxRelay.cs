using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Takes events from the outbox to the broker, in a transaction that keeps them locked from before they are published
/// until they are deleted: no two replicas publish one at the same time. If the transaction ends too early, by a crash
/// or a lost connection, they stay in the outbox and are published again.
/// </summary>
internal sealed class OutboxRelay(
    NpgsqlDataSource database, IEncodedEventPublisher publisher, IOptions<DurabilityOptions> options, TimeProvider time,
    ILogger<OutboxRelay> logger)
{
    private readonly RefusedTypes _refusedTypes = new();

    private volatile bool _brokerAway;

    /// <summary>Whether the broker took nothing when it was last tried. Then only the sweep tries, with one event.</summary>
    public bool BrokerAway => _brokerAway;

    /// <summary>Publishes events that were just committed, where order is kept.</summary>
    public Task<RelayResult> PublishAsync(List<EncodedEvent> committed, CancellationToken cancellationToken)
    {
        List<EncodedEvent> held = [];
        return RelayAsync(LockAsync, cancellationToken, held: held);

        async Task<List<EncodedEvent>> LockAsync(NpgsqlConnection connection, List<(Guid Id, string Error)> unreadable)
        {
            var taken = await OrderedOutbox.LockAsync(connection, committed, cancellationToken);
            held.AddRange(taken.Held);
            return taken.Events;
        }
    }

    /// <summary>
    /// Takes what came of publishing events without a lock: puts off what the broker has refused, and makes due what it takes again.
    /// </summary>
    /// <param name="events">What was published.</param>
    /// <param name="batch">The row that holds them; <see langword="null"/> when each has its own.</param>
    /// <param name="mayBeMoved">Whether it took so long that another replica may have made rows of the batch.</param>
    /// <param name="failures">Why each was not, if so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The rows of what the broker has confirmed, and of nothing else, for somebody to delete.</returns>
    public async Task<IReadOnlyCollection<Guid>> SettleAsync(
        List<EncodedEvent> events, Guid? batch, bool mayBeMoved, IReadOnlyList<Exception?> failures, CancellationToken cancellationToken)
    {
        var outcome = Judge(events, failures, []);
        NoteBroker(outcome);
        var isWhole = outcome.Confirmed.Count == events.Count;

        // Of a broker that is away nothing is known: the batch stays one, for the sweep.
        (Guid, List<EncodedEvent>)? rest = batch is { } id && !isWhole && outcome.Confirmed.Count + outcome.Refused.Count > 0
            ? (id, [.. events.Where((_, i) => failures[i] is not null)])
            : null;
        if (outcome.Refused.Count > 0 || outcome.TakenAgain.Length > 0 || rest is not null)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await OutboxTable.SettleAsync(
                connection, [], outcome.Refused, outcome.TakenAgain, options.Value, cancellationToken, rest);
        }

        return batch is not { } whole || !isWhole ? outcome.Confirmed
            : mayBeMoved ? [whole, .. outcome.Confirmed]
            : [whole];
    }

    /// <summary>
    /// Publishes the oldest events that were left behind and, when those are not many, makes a batch that was left behind rows for the next
    /// sweep.
    /// </summary>
    /// <param name="except">Events that are this replica's to publish otherwise.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<RelayResult> SweepAsync(Guid[] except, CancellationToken cancellationToken)
    {
        var limit = BrokerAway ? 1 : options.Value.PublishBatch;
        var result = await RelayAsync(LockAsync, cancellationToken, limit);
        if (result.Taken >= limit
            || await OutboxBatches.MoveDueAsync(database, except, options.Value, cancellationToken) is not var (id, error))
        {
            return result;
        }

        if (error is not null)
        {
            Log.OutboxBatchUnreadable(logger, id, error);
        }

        return result with { More = true };

        async Task<List<EncodedEvent>> LockAsync(NpgsqlConnection connection, List<(Guid Id, string Error)> unreadable)
        {
            if (!options.Value.PublishInOrder)
            {
                return await OutboxTable.LockDueAsync(connection, limit, except, unreadable, cancellationToken);
            }

            var taken = await OrderedOutbox.LockDueAsync(connection, limit, cancellationToken);
            unreadable.AddRange(taken.Unreadable);
            return taken.Events;
        }
    }

    private async Task<RelayResult> RelayAsync(
        Func<NpgsqlConnection, List<(Guid Id, string Error)>, Task<List<EncodedEvent>>> lockEvents,
        CancellationToken cancellationToken,
        int limit = int.MaxValue,
        IReadOnlyList<EncodedEvent>? held = null)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        List<(Guid Id, string Error)> refused = [];
        var events = await lockEvents(connection, refused);
        var taken = events.Count + refused.Count;
        if (taken == 0)
        {
            return new RelayResult(0, 0, More: false, held ?? []);
        }

        refused.ForEach(row => Log.OutboxRowUnreadable(logger, row.Id, row.Error));
        var failures = await PublishWhileLockedAsync(events, cancellationToken);
        var outcome = Judge(events, failures, refused);
        await OutboxTable.SettleAsync(
            connection, outcome.Confirmed, outcome.Refused, outcome.TakenAgain, options.Value, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        NoteBroker(outcome);
        return new RelayResult(taken, outcome.Confirmed.Count, More: taken >= limit, held ?? []);
    }

    private Outcome Judge(List<EncodedEvent> events, IReadOnlyList<Exception?> failures, List<(Guid Id, string Error)> refused)
    {
        var confirmed = new List<Guid>(events.Count);
        var answered = false;
        Exception? unanswered = null;
        (EncodedEvent Event, Exception Why)? firstRefused = null;
        for (var i = 0; i < events.Count; i++)
        {
            switch (failures[i])
            {
                case null:
                    confirmed.Add(events[i].Context.EventId);
                    answered = true;
                    break;
                case PublishException
                {
                    Reason: PublishFailure.Disconnected or PublishFailure.Overloaded or PublishFailure.TimedOut,
                } failure:
                    // Not the event's fault, so nothing to write down for it.
                    unanswered ??= failure;
                    break;
                case var failure when failure == OrderedPublishing.HeldBack:
                    break;
                case var failure:
                    refused.Add((events[i].Context.EventId, failure.Message));
                    if (failure is PublishException)
                    {
                        _refusedTypes.Add(events[i].WireType);
                    }

                    answered |= failure is PublishException;
                    firstRefused ??= (events[i], failure);
                    break;
            }
        }

        if (firstRefused is var (@event, why))
        {
            Log.OutboxEventsRefused(logger, refused.Count, @event.WireType, @event.Context.EventId, why);
        }

        var takenAgain = _refusedTypes.TakenAgain(events.Where((_, i) => failures[i] is null).Select(one => one.WireType));
        return new Outcome(confirmed, refused, takenAgain, answered, unanswered);
    }

    /// <summary>Publishes, but never longer than the server leaves the locks to an idle transaction.</summary>
    private async Task<IReadOnlyList<Exception?>> PublishWhileLockedAsync(List<EncodedEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return [];
        }

        var limit = options.Value.IdleTransactionTimeout * 0.8;
        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        try
        {
            return options.Value.PublishInOrder
                ? await OrderedPublishing.PublishAsync(publisher, events, either.Token)
                : await publisher.PublishAsync(events, packed: true, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var late = new PublishException(
                PublishFailure.TimedOut,
                $"{events.Count} events of the outbox were not confirmed within {limit.TotalSeconds:0.###} s, " +
                "as long as their rows may stay locked " +
                $"({DurabilityOptions.Section}:{nameof(DurabilityOptions.IdleTransactionTimeout)}). They are published again.");
            return [.. events.Select(_ => late)];
        }
    }

    private void NoteBroker(Outcome outcome)
    {
        if (outcome.Answered && _brokerAway)
        {
            _brokerAway = false;
            Log.OutboxResumed(logger);
        }
        else if (!outcome.Answered && outcome.Unanswered is { } unanswered && !_brokerAway)
        {
            _brokerAway = true;
            Log.OutboxWaits(logger, unanswered.Message);
        }
    }

    /// <summary>What came of publishing.</summary>
    /// <param name="Confirmed">What the broker took.</param>
    /// <param name="Refused">What it refused, and what is wrong in itself.</param>
    /// <param name="TakenAgain">Types of which it refused an event before, and took one now.</param>
    /// <param name="Answered">Whether it said anything.</param>
    /// <param name="Unanswered">Why it said nothing of some event.</param>
    private sealed record Outcome(
        List<Guid> Confirmed, List<(Guid Id, string Error)> Refused, string[] TakenAgain, bool Answered, Exception? Unanswered);
}

/// <summary>What came of one transaction of the relay.</summary>
/// <param name="Taken">Events that it locked.</param>
/// <param name="Confirmed">Those of them that the broker took, now deleted.</param>
/// <param name="More">Whether more are probably waiting.</param>
/// <param name="Held">Events that must wait for earlier ones of their aggregates, which somebody else publishes or which are put
/// off.</param>
internal readonly record struct RelayResult(int Taken, int Confirmed, bool More, IReadOnlyList<EncodedEvent> Held);
