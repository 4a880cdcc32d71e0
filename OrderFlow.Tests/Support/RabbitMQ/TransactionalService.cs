using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.Postgres;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Support.RabbitMQ;

/// <summary>A service with a transactional handler on a broker and a database: its effect is a row and an event caused.</summary>
internal sealed class TransactionalService(TestBus bus, TestDatabase database)
{
    public const string Poison = "poison";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Orders whose handler has begun, in the order it did, each attempt once.</summary>
    public ConcurrentQueue<string> Begun { get; } = new();

    /// <summary>Runs in the handler, before its effect.</summary>
    public Func<ITransactionalContext, OrderCreated, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Runs before the transaction. With it the service's handler is one that prepares.</summary>
    public Func<OrderCreated, Task>? Prepare { get; set; }

    public string Tap => $"{bus.Domain}-tap";

    /// <summary>
    /// A table without a key, so that an effect that happens twice shows, and a durable queue with what the handler publishes.
    /// </summary>
    public async Task PrepareAsync()
    {
        await database.ExecuteAsync("CREATE TABLE IF NOT EXISTS effects (event_id uuid NOT NULL)");
        await using var raw = await RawClient.ConnectAsync(bus.Node);
        await raw.Channel.ExchangeDeclareAsync($"{bus.Domain}.events", ExchangeType.Topic, durable: true, cancellationToken: Cancellation);
        await raw.Channel.QueueDeclareAsync(Tap, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
        await raw.Channel.QueueBindAsync(Tap, $"{bus.Domain}.events", bus.Processed, cancellationToken: Cancellation);
    }

    public async Task<TestService> StartAsync(
        Action<Dictionary<string, string?>>? configure = null,
        Func<EventPublisher, IEncodedEventPublisher>? outbox = null,
        string? connectionString = null) =>
        await bus.StartAsync(
            "handler",
            wiring => _ = Prepare is null
                ? wiring.Publishes<OrderProcessed>().HandlesInTransaction<OrderCreated, RecordingHandler>()
                : wiring.Publishes<OrderProcessed>().HandlesInTransaction<OrderCreated, string, PreparingRecordingHandler>(),
            settings =>
            {
                settings["Messaging:RetryDelay"] = "00:00:00.010";
                settings["Durability:SweepInterval"] = "00:00:00.100";
                settings["Durability:SweepAge"] = "00:00:00.500";
                configure?.Invoke(settings);
            },
            services =>
            {
                services.AddSingleton(this);
                if (outbox is not null)
                {
                    services.AddSingleton(provider => outbox(provider.GetRequiredService<EventPublisher>()));
                }
            },
            database: connectionString ?? database.ConnectionString);

    public async Task<List<Guid>> EffectsAsync()
    {
        await using var command = database.Source.CreateCommand("SELECT event_id FROM effects");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(Cancellation))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    /// <summary>
    /// Waits until everything is handled and published, then checks: each effect once, each caused event at least once and under one id.
    /// </summary>
    public async Task EachEffectOnceAsync(IReadOnlyCollection<Guid> events)
    {
        await using var raw = await RawClient.ConnectAsync(bus.Node);
        await Wait.UntilAsync("every event has its effect", async () => (await EffectsAsync()).Count >= events.Count);
        await Wait.UntilAsync("the outbox is empty", async () => await database.OutboxAsync() == 0);
        await raw.CountIsAsync(bus.NameOf("handler"), 0);
        (await EffectsAsync()).ShouldBe(events, ignoreOrder: true);
        var published = new HashSet<(string Id, string? Cause)>();
        foreach (var message in await raw.TakeAllAsync(Tap))
        {
            published.Add((message.MessageId!, message.Text(HeaderNames.CausationId)));
        }

        published.Select(sent => sent.Cause).ShouldBe(events.Select(id => id.ToString()), ignoreOrder: true);
    }
}

internal sealed class RecordingHandler(TransactionalService service) : ITransactionalHandler<OrderCreated>
{
    public async Task HandleAsync(ITransactionalContext context, OrderCreated @event, CancellationToken cancellationToken)
    {
        service.Begun.Enqueue(@event.OrderId);
        await service.Before(context, @event);
        await using var insert = new NpgsqlCommand("INSERT INTO effects VALUES ($1)", context.Connection)
        {
            Parameters = { new() { Value = context.Event.EventId } },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        context.Publish(new OrderProcessed { OrderId = @event.OrderId });
        if (@event.OrderId == TransactionalService.Poison)
        {
            throw new InvalidOperationException("This order cannot be handled.");
        }
    }
}

/// <summary>Hands the order's id from its first step to its second.</summary>
internal sealed class PreparingRecordingHandler(TransactionalService service) : IPreparingHandler<OrderCreated, string>
{
    public async Task<string> PrepareAsync(EventContext context, OrderCreated @event, CancellationToken cancellationToken)
    {
        await service.Prepare!(@event);
        return @event.OrderId;
    }

    public Task HandleAsync(ITransactionalContext context, OrderCreated @event, string prepared, CancellationToken cancellationToken) =>
        new RecordingHandler(service).HandleAsync(context, new OrderCreated { OrderId = prepared }, cancellationToken);
}

/// <summary>Lets a test act between a commit and the publishing of what it committed.</summary>
internal sealed class BetweenCommitAndPublish(IEncodedEventPublisher publisher, Func<Task> act) : IEncodedEventPublisher
{
    private int _acted;

    public string WireTypeOf(Google.Protobuf.IMessage @event) => publisher.WireTypeOf(@event);

    public int VersionOf(Google.Protobuf.IMessage @event) => publisher.VersionOf(@event);

    public async Task<IReadOnlyList<Exception?>> PublishAsync(
        IReadOnlyList<EncodedEvent> events, bool packed, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _acted, 1) == 0)
        {
            await act();
        }

        return await publisher.PublishAsync(events, packed, cancellationToken);
    }
}
