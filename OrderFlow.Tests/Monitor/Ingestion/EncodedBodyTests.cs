using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Topology;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitor.Ingestion;

/// <summary>Bodies that are compressed, and bodies of other versions.</summary>
[Collection("Monitor")]
public sealed class EncodedBodyTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compressed_event_is_stored_decompressed_and_a_broken_one_goes_to_the_quarantine()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(host.ConnectionString, database.ConnectionString)).ReadyAsync();
        var order = OrderEvents.From(DateTimeOffset.UtcNow);
        var large = Large(order);
        var compressed = BodyEncoding.Compress(large.Body.ToByteArray())!.Value.ToArray();

        await PublishAsync(order.Sent, order.Sent.Body.ToByteArray(), "zstd");
        await PublishAsync(order.Processed, compressed[..^5], "gzip");
        await PublishAsync(large, compressed, "GZIP");

        await Wait.UntilAsync("the event is stored", async () => await database.CountAsync("events") == 1);
        (await monitor.Get<ChunkReader>().FindAsync(large.Context.EventId, CancellationToken)).ShouldNotBeNull()
            .Event.Body.ToArray().ShouldBe(large.Body.ToByteArray());
        var told = await monitor.GetJsonAsync($"/api/events/{large.Context.EventId}");
        told.GetProperty("body").GetProperty("lines").GetArrayLength().ShouldBe(60);
        await Wait.UntilAsync("the others are set aside", async () => await database.CountAsync("unreadable") == 2);
        (await database.ScalarAsync<string[]>("SELECT array_agg(problem ORDER BY wire_type) FROM unreadable")).ShouldBe(
            ["its content encoding is 'zstd', neither gzip nor identity", "its gzip body is truncated or corrupt"]);
        (await database.ScalarAsync<byte[]>("SELECT body FROM unreadable WHERE wire_type = 'order.processed'")).ShouldBe(compressed[..^5]);

        async Task PublishAsync(TestEvent @event, byte[] body, string encoding)
        {
            var properties = @event.Properties();
            properties.ContentEncoding = encoding;
            await host.Channel.BasicPublishAsync(
                WireTapExchange.Exchange, @event.WireType, mandatory: true, properties, body, CancellationToken);
        }
    }

    [Fact]
    public async Task Compressed_dead_letter_is_shown_with_body_and_value()
    {
        await using var scene = await DeadLetterScene.OnAsync(broker, postgres);
        var order = OrderEvents.From(DateTimeOffset.UtcNow);
        var large = Large(order);
        var compressed = BodyEncoding.Compress(large.Body.ToByteArray())!.Value.ToArray();

        await scene.DeadLetterAsync(large, body: compressed, encoding: "gzip");

        var message = await scene.Monitor.GetJsonAsync($"/api/dead-letters/{DeadLetterScene.Service}/messages/{large.Context.EventId}");
        message.GetProperty("contentEncoding").GetString().ShouldBe("gzip");
        message.GetProperty("bodyBytes").GetInt32().ShouldBe(large.Body.CalculateSize());
        message.GetProperty("body").GetProperty("lines").GetArrayLength().ShouldBe(60);
        (await scene.ListAsync()).GetProperty("atRisk").GetProperty("value")[0].GetProperty("amount").GetDecimal().ShouldBe(12.5m);
    }

    [Fact]
    public async Task Body_of_an_unknown_version_is_shown_undecoded_with_its_version()
    {
        await using var host = await VirtualHost.CreateAsync(await broker.NodeAsync());
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await (await RunningMonitor.StartAsync(
            host.ConnectionString, database.ConnectionString, settings: ("Monitor:MaskedFields", ""))).ReadyAsync();
        var order = OrderEvents.From(DateTimeOffset.UtcNow);
        var future = order.SentWith("1;accept=1", 5_000);
        future = future with { Context = future.Context with { EventVersion = 2 } };

        await monitor.ReceiveAsync(order.All.Take(4).Append(future));

        var told = await monitor.GetJsonAsync($"/api/events/{future.Context.EventId}");
        told.GetProperty("event").GetProperty("version").GetInt32().ShouldBe(2);
        told.TryGetProperty("body", out _).ShouldBeFalse();
        told.GetProperty("bodyProblem").GetString().ShouldBe("it has version 2 of notification.sent, and this Monitor knows version 1");
        told.GetProperty("bodyBase64").GetBytesFromBase64().ShouldBe(future.Body.ToByteArray());
        // The flow has ended all the same, by the time of the event: what its body says of it may mean anything.
        var life = await monitor.GetJsonAsync($"/api/orders/{order.OrderId}");
        (life.GetProperty("order").GetProperty("status").GetString(), life.GetProperty("ageMs").GetDouble()).ShouldBe(("ended", 40));
    }

    private static TestEvent Large(OrderEvents order) => order.Created with
    {
        Body = new OrderCreated
        {
            OrderId = order.OrderId,
            Total = 12.5m.ToMoney("EUR"),
            Lines = { Enumerable.Range(0, 60).Select(n => new OrderLine { ItemId = $"a-very-ordinary-item-{n:D6}", Quantity = n }) },
        },
    };
}
