using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Inbox;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// Handles deliveries in one transaction: claim them in the inbox, call the handlers of the new ones in turn, write what they
/// publish to the outbox, and what they count, commit. If anything in it fails, every delivery gets a transaction of its own, so that one
/// bad event costs only itself.
/// </summary>
internal sealed class TransactionalBatch(
    NpgsqlDataSource database, StatementTimeouts timeouts, DatabaseMigrator schema, IEncodedEventPublisher publisher,
    OutboxDispatcher outbox, ConfirmedRows confirmed, DurabilityDiagnostics diagnostics, DurableCounters counters,
    IOptions<DurabilityOptions> options, TimeProvider time, ILogger<TransactionalBatch> logger)
{
    private static readonly TimeSpan SchemaPatience = TimeSpan.FromSeconds(1);

    private readonly ExpectedDuplicates _duplicates = new(time);

    /// <summary>Handles the deliveries for the consumer.</summary>
    /// <returns>The outcome of each, in their order. Only what is committed counts as handled.</returns>
    /// <exception cref="OperationCanceledException">The service stops; nothing of the current transaction is committed.</exception>
    public async Task<DeliveryOutcome[]> HandleAsync(
        string consumer, IReadOnlyList<TransactionalDelivery> deliveries, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0)
        {
            return [];
        }

        try
        {
            await schema.WaitUntilReadyAsync(cancellationToken).WaitAsync(SchemaPatience, time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            // The consumer waits and asks again; it could not stop meanwhile if this waited for good.
            var late = new BatchNotHandledException(
                new InvalidOperationException("The database's schema is not up to date yet.", exception));
            return [.. deliveries.Select(_ => new DeliveryOutcome(DeliveryStatus.Failed, late))];
        }

        try
        {
            return await TransactAsync(consumer, deliveries, isRetry: false, cancellationToken);
        }
        catch (PostgresException exception) when (InboxTable.IsDuplicate(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _duplicates.Seen();
            return await HandleAsync(consumer, deliveries, cancellationToken);
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (DatabaseFault.IsConnectionLoss(exception))
            {
                // What the pool keeps was probably lost in the same way.
                database.Clear();
            }
            else if (deliveries.Count == 1 && !(deliveries[0].HandleBatchAsync is not null && DatabaseFault.IsConflict(exception)))
            {
                return [new DeliveryOutcome(DeliveryStatus.Failed, exception)];
            }

            if (deliveries.Count > 1)
            {
                Log.BatchFellBack(logger, deliveries.Count, exception);
            }
        }

        return await HandleOneByOneAsync(consumer, deliveries, cancellationToken);
    }

    /// <summary>Whether the effect of the event is committed already: then this is a duplicate, and counts as one.</summary>
    public async Task<bool> IsDuplicateAsync(
        string consumer, string eventType, string handler, Guid eventId, CancellationToken cancellationToken)
    {
        var isDuplicate = await InboxTable.HoldsAsync(database, consumer, eventId, cancellationToken);
        if (isDuplicate)
        {
            CountDuplicate(eventType, handler, eventId);
        }

        return isDuplicate;
    }

    private async Task<DeliveryOutcome[]> HandleOneByOneAsync(
        string consumer, IReadOnlyList<TransactionalDelivery> deliveries, CancellationToken cancellationToken)
    {
        var outcomes = new DeliveryOutcome[deliveries.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            try
            {
                outcomes[i] = (await TransactAsync(consumer, [deliveries[i]], isRetry: true, cancellationToken))[0];
            }
            catch (DatabaseUnreachableException exception)
            {
                Array.Fill(outcomes, new DeliveryOutcome(DeliveryStatus.Failed, exception), i, outcomes.Length - i);
                break;
            }
            catch (Exception exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                outcomes[i] = new DeliveryOutcome(DeliveryStatus.Failed, exception);
            }
        }

        return outcomes;
    }

    private async Task<DeliveryOutcome[]> TransactAsync(
        string consumer, IReadOnlyList<TransactionalDelivery> deliveries, bool isRetry, CancellationToken cancellationToken)
    {
        var begun = timeouts.Begin();
        try
        {
            var outcomes = await TransactInTimeAsync(consumer, deliveries, isRetry, cancellationToken);
            timeouts.Committed();
            return outcomes;
        }
        catch (Exception exception) when (deliveries is [var alone] && DatabaseFault.IsTimeout(exception))
        {
            throw await timeouts.JudgeAsync(alone.Context.EventId, begun, exception, cancellationToken);
        }
        finally
        {
            timeouts.End();
        }
    }

    private async Task<DeliveryOutcome[]> TransactInTimeAsync(
        string consumer, IReadOnlyList<TransactionalDelivery> deliveries, bool isRetry, CancellationToken cancellationToken)
    {
        var outcomes = new DeliveryOutcome[deliveries.Count];
        var effects = new TransactionEffects(publisher, counters, time);
        await using var connection = await OpenAsync(cancellationToken);
        var handled = deliveries[0].HandleBatchAsync is { } handleAsync
            ? await TransactAtOnceAsync(connection, consumer, deliveries, handleAsync, effects, outcomes, isRetry, cancellationToken)
            : await TransactInTurnAsync(connection, consumer, deliveries, effects, outcomes, cancellationToken);
        outbox.Submit(
            effects.Caused.ConvertAll(@event => @event with { Context = @event.Context.Enter(Stage.Outbox, time) }), effects.Batch);
        handled.ForEach(one => one.Committed?.Invoke());
        CountDuplicates(deliveries, outcomes);
        return outcomes;
    }

    /// <summary>The handlers work on the connection, one after the other.</summary>
    private async Task<List<HandledEvent>> TransactInTurnAsync(
        NpgsqlConnection connection, string consumer, IReadOnlyList<TransactionalDelivery> deliveries, TransactionEffects effects,
        DeliveryOutcome[] outcomes, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var claimed = await InboxTable.ClaimAsync(
            connection, consumer, [.. deliveries.Select(delivery => delivery.Context.EventId)], cancellationToken);
        var handled = new List<HandledEvent>(deliveries.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            // Of two deliveries of one event in the batch, the first takes the claim.
            if (!claimed.Remove(deliveries[i].Context.EventId))
            {
                outcomes[i] = new DeliveryOutcome(DeliveryStatus.Duplicate);
                continue;
            }

            var context = new TransactionalContext(
                deliveries[i].Context.Enter(Stage.Handling, time), deliveries[i], effects, transaction);
            handled.Add(context);
            await deliveries[i].HandleAsync(context, deliveries[i].Event, cancellationToken);
            context.Close();
            effects.Counts.Add(counters.Effects, 1, deliveries[i].EventType, deliveries[i].Handler);
            outcomes[i] = new DeliveryOutcome(DeliveryStatus.Handled);
        }

        await using var batch = new NpgsqlBatch(connection);
        using var deletion = confirmed.Take();
        AddEffects(batch.BatchCommands.Add, effects, deletion);
        if (batch.BatchCommands.Count == 0)
        {
            // A transaction in which a statement failed commits without a word and without an effect. A handler that swallows such an
            // error would be counted as done; any further statement tells, so there always is one.
            batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT 1"));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await CommitAsync(transaction);
        deletion.Committed();
        return handled;
    }

    /// <summary>One handler works for all of them, and what it writes goes to the server with the commit.</summary>
    private async Task<List<HandledEvent>> TransactAtOnceAsync(
        NpgsqlConnection connection, string consumer, IReadOnlyList<TransactionalDelivery> deliveries, BatchHandling handleAsync,
        TransactionEffects effects, DeliveryOutcome[] outcomes, bool isRetry, CancellationToken cancellationToken)
    {
        var transaction = new PipelinedTransaction(connection, isRetry);
        var claimed = isRetry || _duplicates.AreLikely
            ? await ClaimFirstAsync(transaction, consumer, deliveries, cancellationToken)
            : ClaimWithTheRest(transaction, consumer, deliveries);
        var handled = new List<HandledEvent>(deliveries.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var isNew = claimed.Remove(deliveries[i].Context.EventId);
            outcomes[i] = new DeliveryOutcome(isNew ? DeliveryStatus.Handled : DeliveryStatus.Duplicate);
            if (isNew)
            {
                handled.Add(new HandledEvent(deliveries[i].Context.Enter(Stage.Handling, time), deliveries[i], effects));
            }
        }

        if (handled.Count == 0)
        {
            await transaction.CommitAsync(cancellationToken);
            return handled;
        }

        await handleAsync(transaction, handled, cancellationToken);
        handled.ForEach(one => one.Close());
        effects.Counts.Add(counters.Effects, handled.Count, deliveries[0].EventType, deliveries[0].Handler);
        using var deletion = confirmed.Take();
        AddEffects(transaction.Add, effects, deletion);
        await transaction.CommitAsync(cancellationToken);
        deletion.Committed();
        return handled;
    }

    /// <summary>Takes it that all events are new: were one not, the transaction would fail, and know better the next time.</summary>
    private static HashSet<Guid> ClaimWithTheRest(
        PipelinedTransaction transaction, string consumer, IReadOnlyList<TransactionalDelivery> deliveries)
    {
        var events = deliveries.Select(delivery => delivery.Context.EventId).ToHashSet();
        transaction.AddFirst(InboxTable.ClaimAll(consumer, [.. events]));
        return events;
    }

    private static async Task<HashSet<Guid>> ClaimFirstAsync(
        PipelinedTransaction transaction, string consumer, IReadOnlyList<TransactionalDelivery> deliveries,
        CancellationToken cancellationToken)
    {
        await using var reader = await transaction.QueryAsync(
            [InboxTable.ClaimNew(consumer, [.. deliveries.Select(delivery => delivery.Context.EventId)])], cancellationToken);
        return await InboxTable.ReadClaimedAsync(reader, cancellationToken);
    }

    /// <summary>
    /// Adds the caused events, what is scheduled and what is counted, each as one set, and the deletion of events that are published.
    /// </summary>
    private void AddEffects(Action<NpgsqlBatchCommand> add, TransactionEffects effects, ConfirmedRows.Deletion deletion)
    {
        if (effects.Caused.Count > 0)
        {
            (var insert, effects.Batch) = OutboxBatches.ToInsert(effects.Caused, options.Value);
            add(insert);
        }

        effects.Schedule.AddTo(add);
        if (!effects.Counts.IsEmpty)
        {
            add(effects.Counts.ToCommand());
        }

        if (deletion.Statement is { } delete)
        {
            add(delete);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await database.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new DatabaseUnreachableException(exception);
        }
    }

    private static async Task CommitAsync(NpgsqlTransaction transaction)
    {
        try
        {
            // A stop must not make the outcome unknown.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException exception) when (exception is not PostgresException || DatabaseFault.IsConnectionLoss(exception))
        {
            throw new CommitUnknownException(exception);
        }
    }

    private void CountDuplicates(IReadOnlyList<TransactionalDelivery> deliveries, DeliveryOutcome[] outcomes)
    {
        foreach (var (delivery, outcome) in deliveries.Zip(outcomes))
        {
            if (outcome.Status == DeliveryStatus.Duplicate)
            {
                CountDuplicate(delivery.EventType, delivery.Handler, delivery.Context.EventId);
            }
        }
    }

    private void CountDuplicate(string eventType, string handler, Guid eventId)
    {
        diagnostics.CountDuplicate(eventType, handler);
        Log.Duplicate(logger, eventType, eventId);
    }
}
