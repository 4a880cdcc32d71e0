using System.Net;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitor.Orders;

[Collection("Monitor")]
public sealed class TenantTests(BrokerFixture broker, PostgresFixture postgres)
{
    [Fact]
    public async Task Orders_events_and_dead_letters_are_found_by_tenant()
    {
        await using var scene = await DeadLetterScene.OnAsync(broker, postgres);
        var start = DateTimeOffset.UtcNow;
        var (acme, later, zenith, none) = (
            OrderEvents.From(start), OrderEvents.From(start.AddMilliseconds(100)), OrderEvents.From(start), OrderEvents.From(start));
        await scene.Monitor.ReceiveAsync(acme.All.Concat(later.All.Take(2)).Select(one => one.Of("acme & sons")));
        await scene.Monitor.ReceiveAsync(zenith.All.Select(one => one.Of("zenith")));
        await scene.Monitor.ReceiveAsync(none.All);
        await scene.DeadLetterAsync(acme.Processed.Of("acme & sons"));

        (await FindAsync("tenant=acme%20%26%20sons")).ShouldBe([later.OrderId, acme.OrderId]);
        (await FindAsync("tenant=acme%20%26%20sons&status=ended")).ShouldBe([acme.OrderId]);
        (await FindAsync("tenant=zenith&user=user-1")).ShouldBe([zenith.OrderId]);
        (await FindAsync("tenant=acme")).ShouldBeEmpty();
        (await FindAsync("")).Count.ShouldBe(4);
        await scene.Monitor.GetJsonAsync("/api/orders?tenant=a%00b", HttpStatusCode.BadRequest);

        var life = await scene.Monitor.GetJsonAsync($"/api/orders/{acme.OrderId}");
        life.GetProperty("order").GetProperty("tenantId").GetString().ShouldBe("acme & sons");
        life.GetProperty("steps")
            .EnumerateArray()
            .Select(step => step.GetProperty("event").GetProperty("tenantId").GetString())
            .Distinct()
            .ShouldBe(["acme & sons"]);
        (await scene.Monitor.GetJsonAsync($"/api/orders/{none.OrderId}"))
            .GetProperty("order")
            .TryGetProperty("tenantId", out _)
            .ShouldBeFalse();
        var letter = (await scene.Monitor.GetJsonAsync($"/api/dead-letters/{DeadLetterScene.Service}/messages"))
            .GetProperty("letters")
            .EnumerateArray()
            .ShouldHaveSingleItem();
        (letter.GetProperty("tenantId").GetString(), letter.GetProperty("eventVersion").GetInt32()).ShouldBe(("acme & sons", 1));

        async Task<List<string?>> FindAsync(string query) =>
            [.. (await scene.Monitor.GetJsonAsync($"/api/orders?{query}")).GetProperty("orders").EnumerateArray()
            .Select(order => order.GetProperty("orderId").GetString())];
    }
}
