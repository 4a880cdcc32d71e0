using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>An event as the outbox holds it.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="WireType">Its name on the wire.</param>
/// <param name="Context">A <see cref="StoredContext"/>, as UTF-8.</param>
/// <param name="Body">Its body.</param>
internal readonly record struct OutboxRow(Guid EventId, string WireType, byte[] Context, byte[] Body)
{
    public static OutboxRow Of(EncodedEvent @event) =>
        new(@event.Context.EventId, @event.WireType, StoredContext.Write(@event), @event.Body.ToArray());

    /// <summary>Whether PostgreSQL takes the context as <c>jsonb</c>, which has no NUL.</summary>
    public bool IsStorable => Context.AsSpan().IndexOf("\\u0000"u8) < 0;
}
