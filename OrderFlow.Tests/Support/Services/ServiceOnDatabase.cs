using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Support.Services;

/// <summary>
/// A service's handlers on a real database of its own, with the bus's transactions and without a broker: what they publish stays in the
/// outbox.
/// </summary>
internal sealed class ServiceOnDatabase : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServiceOnDatabase(WebApplication app, TestDatabase database)
    {
        (_app, Database) = (app, database);
        Probe = new MeterProbe(app.Services.GetRequiredService<IMeterFactory>());
    }

    public TestDatabase Database { get; }

    public MeterProbe Probe { get; }

    public static async Task<ServiceOnDatabase> StartAsync(
        PostgresFixture postgres, string connectionName, Action<WebApplicationBuilder> add, params (string Key, string Value)[] settings)
    {
        var database = await postgres.CreateDatabaseAsync();
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration[$"ConnectionStrings:{connectionName}"] = database.ConnectionString;
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IEncodedEventPublisher>(new RecordingPublisher());
        add(builder);
        var service = new ServiceOnDatabase(builder.Build(), database);
        var migrator = service._app.Services.GetRequiredService<DatabaseMigrator>();
        await migrator.StartAsync(TestContext.Current.CancellationToken);
        await migrator.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public static EventContext Context(Guid? eventId = null)
    {
        var context = EventContext.StartFlow(FlowNames.OrderCreation, TimeProvider.System);
        return context with { EventId = eventId ?? context.EventId };
    }

    /// <summary>Delivers the events in one batch.</summary>
    public Task<DeliveryOutcome[]> HandleAsync<TEvent, THandler>(params (EventContext Context, TEvent Event)[] events)
        where TEvent : class, IMessage
        where THandler : class =>
        DeliverAsync([.. events.Select(one => DeliveryOf<TEvent, THandler>(one.Context, one.Event))]);

    /// <summary>Prepares and delivers the events in one batch; those that cannot be prepared have failed.</summary>
    public async Task<DeliveryOutcome[]> HandleAsync<TEvent, TPrepared, THandler>(params (EventContext Context, TEvent Event)[] events)
        where TEvent : class, IMessage
        where THandler : class
    {
        if (!typeof(THandler).IsAssignableTo(typeof(IPreparingBatchHandler<TEvent, TPrepared>)))
        {
            return await DeliverAsync([.. events.Select(one => DeliveryOf<TEvent, THandler>(one.Context, one.Event) with
            {
                HandleAsync = async (context, @event, cancellationToken) =>
                {
                    var handler = (IPreparingHandler<TEvent, TPrepared>)Handler<THandler>();
                    var prepared = await handler.PrepareAsync(context.Event, (TEvent)@event, cancellationToken);
                    await handler.HandleAsync(context, (TEvent)@event, prepared, cancellationToken);
                },
            })]);
        }

        var outcomes = new DeliveryOutcome?[events.Length];
        var deliveries = new List<TransactionalDelivery>();
        foreach (var (index, one) in events.Index())
        {
            try
            {
                var prepared = await ((IPreparingBatchHandler<TEvent, TPrepared>)Handler<THandler>()).PrepareAsync(
                    one.Context, one.Event, TestContext.Current.CancellationToken);
                deliveries.Add(DeliveryOf<TEvent, THandler>(one.Context, one.Event) with
                {
                    Prepared = prepared,
                    HandleBatchAsync = (transaction, handled, cancellationToken) =>
                        ((IPreparingBatchHandler<TEvent, TPrepared>)Handler<THandler>()).HandleAsync(
                            transaction,
                            [
                                .. handled.Select(each => new BatchedEvent<TEvent, TPrepared>(
                                    each, (TEvent)each.Delivery.Event, (TPrepared)each.Delivery.Prepared!)),
                            ],
                            cancellationToken),
                });
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                outcomes[index] = new DeliveryOutcome(DeliveryStatus.Failed, exception);
            }
        }

        var delivered = new Queue<DeliveryOutcome>(await DeliverAsync(deliveries));
        return [.. outcomes.Select(outcome => outcome ?? delivered.Dequeue())];
    }

    private Task<DeliveryOutcome[]> DeliverAsync(IReadOnlyList<TransactionalDelivery> deliveries) =>
        _app.Services.GetRequiredService<TransactionalBatch>().HandleAsync("service", deliveries, TestContext.Current.CancellationToken);

    private THandler Handler<THandler>() => ActivatorUtilities.CreateInstance<THandler>(_app.Services);

    private TransactionalDelivery DeliveryOf<TEvent, THandler>(EventContext context, TEvent @event)
        where TEvent : class, IMessage
        where THandler : class
    {
        return new TransactionalDelivery(typeof(TEvent).Name, typeof(THandler).Name, context, @event, HandleOneAsync)
        {
            HandleBatchAsync = typeof(THandler).IsAssignableTo(typeof(IBatchHandler<TEvent>)) ? HandleAllAsync : null,
        };

        Task HandleOneAsync(ITransactionalContext one, IMessage body, CancellationToken cancellationToken) =>
            ((ITransactionalHandler<TEvent>)Handler<THandler>()).HandleAsync(one, (TEvent)body, cancellationToken);

        Task HandleAllAsync(IBatchTransaction transaction, IReadOnlyList<HandledEvent> handled, CancellationToken cancellationToken) =>
            ((IBatchHandler<TEvent>)Handler<THandler>()).HandleAsync(
                transaction, [.. handled.Select(one => new BatchedEvent<TEvent>(one, (TEvent)one.Delivery.Event))], cancellationToken);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>What the handlers caused, in the order in which it was committed.</summary>
    public async Task<List<IMessage>> CausedAsync()
    {
        await using var command = Database.Source.CreateCommand("""
            SELECT wire_type, body, events FROM (
                SELECT wire_type, body, 1 AS events, created_at, sequence FROM outbox
                UNION ALL
                SELECT NULL, data, events, created_at, 0 FROM outbox_batches) AS caused
            ORDER BY created_at, sequence
            """);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var caused = new List<IMessage>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var bytes = reader.GetFieldValue<byte[]>(1);
            if (reader.IsDBNull(0))
            {
                caused.AddRange(OutboxBatch.Read(bytes, reader.GetInt32(2)).Select(one => Parse(one.WireType, one.Body)));
            }
            else
            {
                caused.Add(Parse(reader.GetString(0), bytes));
            }
        }

        return caused;

        static IMessage Parse(string wireType, byte[] body) => EventCatalog.WireTypes[wireType].Parser.ParseFrom(body);
    }

    /// <summary>The flows that ended: status, attempt and seconds.</summary>
    public async Task<List<string>> EndedAsync()
    {
        await using var command =
            Database.Source.CreateCommand("SELECT concat_ws(' ', flow, status, attempt, seconds) FROM flow_ends ORDER BY 1");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var ended = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            ended.Add(reader.GetString(0));
        }

        return ended;
    }

    /// <summary>
    /// What the committed transactions counted: the counter, its label values (the effects' without theirs), the number.
    /// </summary>
    public async Task<List<string>> CountedAsync()
    {
        await using var command = Database.Source.CreateCommand("""
            SELECT concat_ws(' ', counter, label, sum(value))
            FROM durable_counts LEFT JOIN LATERAL (
                SELECT string_agg(value, ' ') AS label FROM jsonb_each_text(labels) WHERE counter <> 'events.effects') AS l ON true
            GROUP BY counter, label ORDER BY 1
            """);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var counted = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            counted.Add(reader.GetString(0));
        }

        return counted;
    }

    public async ValueTask DisposeAsync()
    {
        Probe.Dispose();
        await _app.DisposeAsync();
        await Database.DisposeAsync();
    }
}
