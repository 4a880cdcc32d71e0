using System.Text.Json.Serialization.Metadata;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>
/// What a service does with the events of a queue: one statement for a whole batch, so that a transaction is one round trip. Only events
/// that the inbox takes go on in it; one that comes again has no effect.
/// </summary>
/// <param name="database">The service's database.</param>
/// <param name="consumer">The number of the consumer in the inbox, 1 to 4.</param>
/// <param name="queue">Where the events come from.</param>
/// <param name="nextQueue">Where the events go that a batch causes; <see langword="null"/> when it causes none.</param>
/// <param name="json">How an event is read.</param>
internal abstract class BatchHandler<TEvent>(
    string database, short consumer, string queue, string? nextQueue, JsonTypeInfo<TEvent> json)
{
    /// <summary>
    /// The beginning of every statement: deletes confirmed rows of the outbox ($1) and takes the events ($3) into the inbox ($2).
    /// </summary>
    protected const string Claim = """
        WITH gone AS (DELETE FROM outbox WHERE id = ANY ($1)),
        claimed AS (INSERT INTO inbox (consumer, event_id) SELECT $2, id FROM unnest($3) id ON CONFLICT DO NOTHING RETURNING event_id),
        """;

    public string Database => database;

    public short Consumer => consumer;

    public string Queue => queue;

    public string? NextQueue => nextQueue;

    public JsonTypeInfo<TEvent> Json => json;

    /// <summary>The statement; its last four parameters are those of the outbox row, if it writes one. Returns the claimed ids.</summary>
    public abstract string Sql { get; }

    public abstract Guid IdOf(TEvent @event);

    /// <summary>Adds the parameters from $4 on.</summary>
    /// <returns>What the batch causes: an event per event.</returns>
    public abstract CausedEvents? AddParameters(IReadOnlyList<TEvent> batch, StatementParameters parameters);

    /// <summary>Is told of every event of a batch once that is committed.</summary>
    public virtual void OnCommitted(TEvent @event)
    {
    }
}

/// <summary>The events that a batch causes, by the position of what causes each.</summary>
/// <param name="Ids">Their ids.</param>
/// <param name="Bodies">Their bodies.</param>
internal sealed record CausedEvents(Guid[] Ids, byte[][] Bodies)
{
    /// <summary>Makes an event for each of a batch.</summary>
    public static CausedEvents Of<TEvent, TCaused>(
        IReadOnlyList<TEvent> batch, JsonTypeInfo<TCaused> json, Func<TEvent, int, Guid, TCaused> cause)
    {
        var caused = new CausedEvents(new Guid[batch.Count], new byte[batch.Count][]);
        for (var position = 0; position < batch.Count; position++)
        {
            // Version 7: the indexes grow at one end.
            caused.Ids[position] = Guid.CreateVersion7();
            caused.Bodies[position] = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                cause(batch[position], position, caused.Ids[position]), json);
        }

        return caused;
    }
}
