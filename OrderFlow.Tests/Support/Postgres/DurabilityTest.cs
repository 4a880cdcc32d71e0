using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>A test with a database of its own, a broker that remembers, and replicas that are stopped at the end.</summary>
public abstract class DurabilityTest(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly List<Replica> _replicas = [];

    internal TestDatabase Database { get; private set; } = null!;

    internal RecordingPublisher Broker { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.CreateDatabaseAsync();
        // No key: an effect that happens twice shall show.
        await Database.ExecuteAsync("CREATE TABLE effects (event_id uuid NOT NULL)");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await Database.DisposeAsync();
    }

    internal async Task<Replica> StartReplicaAsync(
        Parts parts = Parts.None, Action<DurabilityOptions>? configure = null, string? connectionString = null)
    {
        _replicas.Add(await Replica.StartAsync(connectionString ?? Database.ConnectionString, Broker, parts, configure));
        return _replicas[^1];
    }

    internal static TransactionalDelivery Delivery(Guid? id = null, TransactionalHandling? handler = null)
    {
        var context = EventContext.StartFlow("OrderCreationFlow", TimeProvider.System);
        return new TransactionalDelivery(
            "order.created", "RecordEffect", context with { EventId = id ?? context.EventId }, new OrderCreated { OrderId = "order-1" },
            handler ?? RecordEffectAsync);
    }

    internal static IReadOnlyList<TransactionalDelivery> Deliveries(int count) => [.. Enumerable.Range(0, count).Select(_ => Delivery())];

    /// <summary>The effect: one row, and one event caused.</summary>
    internal static async Task RecordEffectAsync(
        ITransactionalContext context, Google.Protobuf.IMessage @event, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand("INSERT INTO effects VALUES ($1)", context.Connection)
        {
            Parameters = { new() { Value = context.Event.EventId } },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        context.Publish(new OrderProcessed { OrderId = ((OrderCreated)@event).OrderId });
    }

    internal async Task<List<Guid>> EffectsAsync()
    {
        await using var command = Database.Source.CreateCommand("SELECT event_id FROM effects ORDER BY event_id");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(Cancellation))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    internal Task OutboxIsEmptyAsync() => Wait.UntilAsync(async () => await Database.OutboxAsync() == 0);

    /// <summary>Every delivered event had its effect once, and the event it caused was taken by the broker at least once.</summary>
    internal async Task EveryEffectOnceAndPublishedAsync(IEnumerable<Guid> delivered)
    {
        await OutboxIsEmptyAsync();
        (await EffectsAsync()).ShouldBe(delivered.Order(), ignoreOrder: true);
        Broker.Taken.Select(@event => @event.Context.CausationId!.Value).Distinct().ShouldBe(delivered, ignoreOrder: true);
    }
}
