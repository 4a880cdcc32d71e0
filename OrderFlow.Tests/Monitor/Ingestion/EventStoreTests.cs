using System.Text;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Topology;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Monitor.Ingestion;

[Collection("Monitor")]
public sealed class EventStoreTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Redelivered_event_is_stored_once()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var orders = Enumerable.Range(0, 20).Select(_ => OrderEvents.From(DateTimeOffset.UtcNow)).ToList();

        await host.PublishAsync(orders.SelectMany(order => order.All));
        await host.PublishAsync(orders.SelectMany(order => order.All));
        await host.PublishAsync(OrderEvents.From(DateTimeOffset.UtcNow, correlationId: "the-last").All);
        await Wait.UntilAsync(
            "the last is stored",
            async () => await database.ScalarAsync<long>(
                "SELECT coalesce(sum(events), 0)::bigint FROM flows WHERE correlation_id = 'the-last'") == 5,
            Patience);
        await Wait.UntilAsync("all are counted", () => monitor.Sum("events.stored") >= 105, Patience);

        (await database.CountAsync("events")).ShouldBe(105);
        (await database.ScalarAsync<long>("SELECT count(DISTINCT event_id) FROM events")).ShouldBe(105);
        (await database.ScalarAsync<long>("SELECT sum(count)::bigint FROM event_counts")).ShouldBe(105);
        (await database.ScalarAsync<long>("""
            SELECT count(*) FROM flows WHERE status = 'ended' AND outcome = 'completed' AND events = 5 AND total_micros = 40000
            """)).ShouldBe(21);
        monitor.Sum("events.stored").ShouldBe(105);
        monitor.Sum("events.stored", "event_type=order.created").ShouldBe(21);
    }

    [Fact]
    public async Task Lost_connections_lose_and_duplicate_nothing()
    {
        var node = await broker.NodeAsync();
        await using var host = await VirtualHost.CreateAsync(node);
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(
            host.ConnectionString, database.ConnectionString, settings: ("Tap:BatchSize", "50"))).ReadyAsync();

        for (var round = 0; round < 6; round++)
        {
            await host.PublishAsync(Enumerable.Range(0, 60).SelectMany(_ => OrderEvents.From(DateTimeOffset.UtcNow).All));
            await database.EndSessionsAsync();
            if (round % 2 == 0)
            {
                await node.Management.CloseConnectionAsync("monitor:tap");
            }
        }

        await Wait.UntilAsync("all are stored", async () => await database.CountAsync("events") >= 1800, Patience);
        (await database.CountAsync("events")).ShouldBe(1800);
        (await database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE status = 'ended' AND events = 5")).ShouldBe(360);
    }

    [Fact]
    public async Task Events_wait_in_the_queue_while_the_database_is_frozen_or_down()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await server.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(
            host.ConnectionString, database.ConnectionString, settings: [("Tap:BatchSize", "20"), ("Tap:Prefetch", "40")])).ReadyAsync();
        await host.PublishAsync(OrderEvents.From(DateTimeOffset.UtcNow).All);
        await Wait.UntilAsync("the first are stored", async () => await database.CountAsync("events") == 5, Patience);

        await server.FreezeAsync();
        await host.PublishAsync(Enumerable.Range(0, 40).SelectMany(_ => OrderEvents.From(DateTimeOffset.UtcNow).All));
        await Wait.UntilAsync(
            "the queue holds what the Monitor cannot take",
            async () => (await monitor.Tap.CountAsync("monitor.tap", TestContext.Current.CancellationToken))?.Waiting == 160,
            Patience);
        await Wait.UntilAsync(
            "what it has taken counts as unstored, too",
            async () => await monitor.Tap.WaitingAsync(TestContext.Current.CancellationToken) == 200,
            Patience);
        await server.ThawAsync();
        await Wait.UntilAsync("all are stored", async () => await database.CountAsync("events") == 205, Patience);

        await server.KillAsync();
        await host.PublishAsync(Enumerable.Range(0, 10).SelectMany(_ => OrderEvents.From(DateTimeOffset.UtcNow).All));
        await Wait.UntilAsync(
            "it is seen that nothing can be stored", () => monitor.Sum("event.storage.errors", "reason=database") > 0, Patience);
        await server.StartAsync();
        await using var again = new TestDatabase(database.ConnectionString);
        await Wait.UntilAsync("the rest is stored", async () => await again.CountAsync("events") == 255, Patience);
        (await again.ScalarAsync<long>("SELECT count(*) FROM flows WHERE status = 'ended' AND events = 5")).ShouldBe(51);
    }

    [Fact]
    public async Task Unreadable_messages_go_to_the_quarantine_and_block_nothing()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var order = OrderEvents.From(DateTimeOffset.UtcNow);

        await host.PublishAsync(order.Created);
        await GarbageAsync(new BasicProperties());
        await GarbageAsync(
            new BasicProperties
            {
                Type = "no.such",
                MessageId = "no uuid",
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["flow"] = 7, ["odd"] = new byte[] { 0, 255, 1 } },
            });
        await GarbageAsync(Changed(properties => properties.CorrelationId = "a\0b"));
        await GarbageAsync(Changed(properties => properties.Headers![HeaderNames.PublishedAt] = 1L));
        await GarbageAsync(Changed(properties => properties.Headers![HeaderNames.OriginTimestamp] = Encoding.UTF8.GetBytes("yesterday")));
        await host.PublishAsync(order.All.Skip(1));
        await Wait.UntilAsync(
            "the order is stored",
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE status = 'ended'") == 1,
            Patience);

        await Wait.UntilAsync("the rest is set aside", () => monitor.Sum("event.storage.errors", "reason=unreadable") >= 5, Patience);

        (await database.CountAsync("events")).ShouldBe(5);
        (await database.CountAsync("unreadable")).ShouldBe(5);
        monitor.Sum("event.storage.errors", "reason=unreadable").ShouldBe(5);
        (await database.ScalarAsync<string>("SELECT problem FROM unreadable WHERE message_id = 'no uuid'"))
            .ShouldBe("message-id is no UUID");

        ValueTask GarbageAsync(BasicProperties properties) =>
            host.Channel.BasicPublishAsync(WireTapExchange.Exchange, "order.created", mandatory: true, properties, "garbage"u8.ToArray());

        BasicProperties Changed(Action<BasicProperties> change)
        {
            var properties = OrderEvents.From(DateTimeOffset.UtcNow).Created.Properties();
            change(properties);
            return properties;
        }
    }

    [Fact]
    public async Task Message_that_the_client_cannot_parse_is_dropped_alone()
    {
        var node = await broker.NodeAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        // The raw client knows the default virtual host only, so this tap receives events of other tests, too.
        await using var raw = await RawClient.ConnectAsync(node);
        await (await (await RunningMonitor.StartAsync(node.ConnectionString, database.ConnectionString)).ReadyAsync()).DisposeAsync();
        try
        {
            var orders = Enumerable.Range(0, 6).Select(_ => OrderEvents.From(DateTimeOffset.UtcNow)).ToList();
            await SendAsync(orders.Take(3));
            using (var odd = await RawAmqp.ConnectAsync(node))
            {
                await odd.PublishAsync("monitor.tap", RawAmqp.Field("price", 'D', [29, 0, 0, 0, 1]), "odd"u8.ToArray());
            }

            await SendAsync(orders.Skip(3));
            await using var monitor = await RunningMonitor.StartAsync(
                node.ConnectionString, database.ConnectionString, settings: ("Tap:Prefetch", "10"));
            var ids = string.Join(',', orders.Select(order => $"'{order.OrderId}'"));

            await Wait.UntilAsync(
                "every order is stored",
                async () =>
                    await database.ScalarAsync<long>(
                        $"SELECT count(*) FROM flows WHERE status = 'ended' AND events = 5 AND aggregate_id IN ({ids})") == 6,
                Patience);
        }
        finally
        {
            await raw.Channel.QueueDeleteAsync("monitor.tap", cancellationToken: CancellationToken.None);
        }

        async Task SendAsync(IEnumerable<OrderEvents> orders)
        {
            foreach (var one in orders.SelectMany(order => order.All))
            {
                await raw.SendAsync("monitor.tap", one.Properties(), Google.Protobuf.MessageExtensions.ToByteArray(one.Body));
            }
        }
    }

    [Fact]
    public async Task Second_replica_takes_over_and_stores_nothing_twice()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        var started = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(_ => RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)));
        await using var first = started[0];
        await using var second = started[1];
        await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());
        await host.PublishAsync(Enumerable.Range(0, 50).SelectMany(_ => OrderEvents.From(DateTimeOffset.UtcNow).All));
        // Counted after the commit.
        await Wait.UntilAsync(
            "the first orders are stored", () => first.Sum("events.stored") + second.Sum("events.stored") >= 250, Patience);
        var (active, standby) = first.Sum("events.stored") > 0 ? (first, second) : (second, first);
        standby.Sum("events.stored").ShouldBe(0);

        await active.DisposeAsync();
        await host.PublishAsync(Enumerable.Range(0, 50).SelectMany(_ => OrderEvents.From(DateTimeOffset.UtcNow).All));
        await Wait.UntilAsync("the others are stored", () => standby.Sum("events.stored") >= 250, Patience);
        standby.Sum("events.stored").ShouldBe(250);
        (await database.CountAsync("events")).ShouldBe(500);
        (await database.ScalarAsync<long>("SELECT count(*) FROM flows WHERE status = 'ended' AND events = 5")).ShouldBe(100);
    }

    [Fact]
    public async Task Full_queue_drops_its_oldest_events_and_refuses_no_publisher()
    {
        var node = await broker.NodeAsync();
        await using var host = await VirtualHost.CreateAsync(node);
        await using var database = await postgres.CreateDatabaseAsync();
        await (await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync()).DisposeAsync();
        await host.LimitAsync("monitor.tap", 10);
        var before = await DroppedAsync();
        var orders = Enumerable.Range(0, 20).Select(_ => OrderEvents.From(DateTimeOffset.UtcNow)).ToList();

        // Throws when the broker refuses one.
        foreach (var order in orders)
        {
            await host.PublishAsync(order.All);
        }

        await Wait.UntilAsync(
            "the queue is short", async () => (await host.Channel.QueueDeclarePassiveAsync("monitor.tap")).MessageCount == 10, Patience);
        await Wait.UntilAsync("the broker counts what it dropped", async () => await DroppedAsync() - before >= 90, Patience);
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        await Wait.UntilAsync("the rest is stored", async () => await database.CountAsync("events") == 10, Patience);
        (await database.ScalarAsync<string[]>("SELECT array_agg(DISTINCT correlation_id) FROM flows"))
            .ShouldBe(orders.TakeLast(2).Select(order => order.CorrelationId), ignoreOrder: true);

        async Task<double> DroppedAsync()
        {
            using var http = new HttpClient();
            var metrics = await http.GetStringAsync(node.Metrics, TestContext.Current.CancellationToken);
            return metrics.Split('\n')
                .Where(
                    line =>
                        line.StartsWith("rabbitmq_global_messages_dead_lettered_maxlen_total{", StringComparison.Ordinal)
                            && line.Contains("disabled", StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
