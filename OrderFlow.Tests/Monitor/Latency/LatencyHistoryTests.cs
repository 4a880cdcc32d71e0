using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor.Latency;

[Collection("Monitor")]
public sealed class LatencyHistoryTests(PostgresFixture postgres)
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Slot_counts_flows_by_bucket_including_those_stored_late()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var monitor = await RunningMonitor.StartAsync("amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString, _time);
        await monitor.Get<OrderFlow.Messaging.Postgres.Migrations.ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var start = _time.GetUtcNow();
        await monitor.ReceiveAsync(OrderEvents.From(start).All);

        var first = Slots(await monitor.GetJsonAsync("/api/latency?window=5m")).ShouldHaveSingleItem();
        first.GetProperty("ended").GetInt64().ShouldBe(1);
        first.GetProperty("p50Ms").GetDouble().ShouldBe(40);
        // 10, 25, 50: the bucket from 25 to 50 ms.
        first.GetProperty("buckets").EnumerateArray().Select(count => count.GetInt64()).ToList().IndexOf(1).ShouldBe(2);

        // It ended with the first, and is stored a minute later.
        _time.Advance(TimeSpan.FromMinutes(1));
        await monitor.ReceiveAsync(OrderEvents.From(start).Sent);
        Slots(await monitor.GetJsonAsync("/api/latency?window=5m")).ShouldHaveSingleItem().GetProperty("ended").GetInt64().ShouldBe(2);

        _time.Advance(TimeSpan.FromMinutes(5));
        Slots(await monitor.GetJsonAsync("/api/latency?window=5m")).ShouldBeEmpty();
        Slots(await monitor.GetJsonAsync("/api/latency")).ShouldHaveSingleItem().GetProperty("ended").GetInt64().ShouldBe(2);
        (await monitor.GetJsonAsync("/api/latency?window=3m", HttpStatusCode.BadRequest))
            .GetProperty("errors")
            .TryGetProperty("window", out _)
            .ShouldBeTrue();
    }

    private static IEnumerable<JsonElement> Slots(JsonElement chart) =>
        chart.GetProperty("slots").EnumerateArray().Where(slot => slot.GetProperty("ended").GetInt64() > 0);
}
