using System.Diagnostics;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Storage;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Support.Benchmarks;

/// <summary>
/// A PostgreSQL server of its own with many orders in the Monitor's store, put there by the code that stores tapped events.
/// </summary>
public sealed class StoredOrders : IAsyncDisposable
{
    public const int EventsPerOrder = 5;
    private const int BatchOfOrders = 200;
    private static readonly TimeSpan Span = TimeSpan.FromDays(6.5);

    private static StoredOrders? _shared;

    private readonly PostgresServer _server;
    private readonly WebApplication _app;
    private readonly List<string> _correlationIds = [];
    private readonly List<Guid> _lastEvents = [];

    private StoredOrders(PostgresServer server, WebApplication app) => (_server, _app) = (server, app);

    public IReadOnlyList<string> CorrelationIds => _correlationIds;

    /// <summary>The last event of each order.</summary>
    public IReadOnlyList<Guid> LastEvents => _lastEvents;

    private EventReader Reader => _app.Services.GetRequiredService<EventReader>();

    private FlowReader Flows => _app.Services.GetRequiredService<FlowReader>();

    /// <summary>The store with so many events, filled by whoever asks first.</summary>
    public static async Task<StoredOrders> SharedAsync(int events)
    {
        if (_shared is null || _shared.LastEvents.Count != events / EventsPerOrder)
        {
            await DisposeSharedAsync();
            _shared = await StoreAsync(events);
        }

        return _shared;
    }

    public static async Task DisposeSharedAsync()
    {
        if (_shared is not null)
        {
            await _shared.DisposeAsync();
            _shared = null;
        }
    }

    public static async Task<StoredOrders> StoreAsync(int events)
    {
        var server = await PostgresServer.StartNewAsync();
        await using var database = await server.CreateDatabaseAsync();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["ConnectionStrings:events"] = database.ConnectionString;
        builder.AddHosting();
        builder.AddStorage();
        builder.AddFeatures();
        var stored = new StoredOrders(server, builder.Build());
        var schema = stored._app.Services.GetRequiredService<ISchema>();
        await ((IHostedService)schema).StartAsync(CancellationToken.None);
        await schema.WaitUntilReadyAsync(CancellationToken.None);
        await stored.FillAsync(events / EventsPerOrder);
        await database.ExecuteAsync("VACUUM ANALYZE");
        Console.WriteLine(
            $"// {await database.CountAsync("events")} events in "
            + $"{await database.ScalarAsync<long>("SELECT count(*) FROM pg_inherits WHERE inhparent = 'chunks'::regclass")} partitions, " +
            $"{await database.ScalarAsync<string>("SELECT pg_size_pretty(pg_database_size(current_database()))")} with indexes");
        return stored;
    }

    /// <summary>Reads the trace of a correlation id.</summary>
    /// <returns>How many events it has.</returns>
    public async Task<int> CorrelationTraceAsync(string correlationId)
    {
        var events = await Reader.OfCorrelationAsync(correlationId, CancellationToken.None);
        var flows = await Flows.OfCorrelationAsync(correlationId, CancellationToken.None);
        return CorrelationTrace.Of(correlationId, flows, events).Events.Count;
    }

    /// <summary>Reads the causation chain of an event.</summary>
    /// <returns>How many events it has.</returns>
    public async Task<int> CausationChainAsync(Guid eventId) =>
        (await Reader.ChainAsync(eventId, CancellationToken.None))?.Events.Count ?? 0;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task FillAsync(int orders)
    {
        var store = _app.Services.GetRequiredService<EventReceiver>();
        var origin = DateTimeOffset.UtcNow - Span;
        var since = Stopwatch.GetTimestamp();
        for (var stored = 0; stored < orders; stored += BatchOfOrders)
        {
            var batch = new List<TappedMessage>(BatchOfOrders * EventsPerOrder);
            for (var order = stored; order < Math.Min(orders, stored + BatchOfOrders); order++)
            {
                AddOrder(batch, origin + (Span * ((double)order / orders)));
            }

            await store.ReceiveAsync(batch, CancellationToken.None);
        }

        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        Console.WriteLine(
            $"// {orders * EventsPerOrder} events stored in {seconds:0.0} s, {orders * EventsPerOrder / seconds:0} a second");
    }

    private void AddOrder(List<TappedMessage> batch, DateTimeOffset origin)
    {
        var orderId = Guid.CreateVersion7(origin).ToString();
        var context = new EventContext
        {
            EventId = Guid.CreateVersion7(origin),
            CorrelationId = Guid.CreateVersion7(origin).ToString(),
            Flow = FlowNames.OrderCreation,
            OriginTimestampMicros = UnixMicroseconds.From(origin),
            AggregateId = orderId,
            UserId = $"user-{batch.Count}",
        };
        var line = new OrderLine { ItemId = "item-1", Quantity = 2 };
        (IMessage Body, string Source)[] steps =
        [
            (new OrderCreated { OrderId = orderId, UserId = context.UserId, Lines = { line } }, "gateway"),
            (new PaymentRequested { OrderId = orderId, UserId = context.UserId }, "order-service"),
            (new PaymentProcessed { OrderId = orderId, UserId = context.UserId, Outcome = PaymentOutcome.Approved }, "payment-service"),
            (new OrderProcessed { OrderId = orderId, UserId = context.UserId }, "order-service"),
            (new NotificationSent { OrderId = orderId, UserId = context.UserId, Channel = "log" }, "notification-service"),
        ];
        foreach (var (step, (body, source)) in steps.Index())
        {
            var at = origin.AddMilliseconds((step + 1) * 20);
            context = context with { PublishedAtMicros = UnixMicroseconds.From(at) };
            batch.Add(new TappedMessage
            {
                Exchange = "",
                RoutingKey = "",
                ReceivedAt = TimeProvider.System.GetTimestamp(),
                WireType = EventCatalog.WireTypes.Single(entry => entry.Value == body.Descriptor).Key,
                Source = source,
                MessageId = context.EventId.ToString(),
                Context = context,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"u8.ToArray(),
                },
                Body = body.ToByteArray(),
            });
            if (step < steps.Length - 1)
            {
                context = context with { EventId = Guid.CreateVersion7(at), CausationId = context.EventId };
            }
        }

        _correlationIds.Add(context.CorrelationId);
        _lastEvents.Add(context.EventId);
    }
}
