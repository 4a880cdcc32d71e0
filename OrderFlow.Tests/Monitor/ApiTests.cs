using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Monitor;

[Collection("Monitor")]
public sealed class ApiTests(PostgresFixture postgres)
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Event_answer_has_body_headers_and_the_services_that_handled_it()
    {
        await using var run = await StartAsync();
        var order = OrderEvents.From(_time.GetUtcNow());
        await run.Monitor.ReceiveAsync(order.All);

        var told = await run.Monitor.GetJsonAsync($"/api/events/{order.Created.Context.EventId}");

        told.GetProperty("event").GetProperty("type").GetString().ShouldBe("order.created");
        told.GetProperty("event").GetProperty("source").GetString().ShouldBe("gateway");
        told.GetProperty("event").GetProperty("traceParent").GetString().ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c");
        told.GetProperty("body").GetProperty("orderId").GetString().ShouldBe(order.OrderId);
        told.GetProperty("headers").GetRawText().ShouldBe("{\"tracestate\":\"vendor=1\"}");
        var handled = told.GetProperty("handledBy").EnumerateArray().ShouldHaveSingleItem();
        handled.GetProperty("service").GetString().ShouldBe("order-service");
        handled.GetProperty("afterMs").GetDouble().ShouldBe(9);
    }

    [Fact]
    public async Task Correlation_trace_has_every_event_in_order_with_the_time_between_them()
    {
        await using var run = await StartAsync();
        var order = OrderEvents.From(_time.GetUtcNow(), correlationId: "a b/c");
        await run.Monitor.ReceiveAsync(order.All.Reverse());

        var trace = await run.Monitor.GetJsonAsync($"/api/flows?correlationId={Uri.EscapeDataString("a b/c")}");

        trace.GetProperty("totalMs").GetDouble().ShouldBe(40);
        Types(trace.GetProperty("events")).ShouldBe(order.All.Select(one => one.WireType));
        trace.GetProperty("events").EnumerateArray().Select(step => step.GetProperty("gapMs").GetDouble()).ShouldBe([1, 9, 10, 10, 10]);
        trace.GetProperty("events")
            .EnumerateArray()
            .Select(step => step.GetProperty("sinceOriginMs").GetDouble())
            .ShouldBe([1, 10, 20, 30, 40]);
        trace.GetProperty("flows").EnumerateArray().ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe("ended");
    }

    [Fact]
    public async Task Causation_chain_starts_at_the_first_event_or_names_the_missing_cause()
    {
        await using var run = await StartAsync();
        var whole = OrderEvents.From(_time.GetUtcNow());
        var gap = OrderEvents.From(_time.GetUtcNow());
        await run.Monitor.ReceiveAsync(whole.All);
        await run.Monitor.ReceiveAsync(gap.All.Except([gap.PaymentRequested]));

        var chain = await run.Monitor.GetJsonAsync($"/api/events/{whole.Processed.Context.EventId}/chain");
        Types(chain.GetProperty("events")).ShouldBe(["order.created", "payment.requested", "payment.processed", "order.processed"]);
        chain.GetProperty("complete").GetBoolean().ShouldBeTrue();

        var broken = await run.Monitor.GetJsonAsync($"/api/events/{gap.Sent.Context.EventId}/chain");
        Types(broken.GetProperty("events")).ShouldBe(["payment.processed", "order.processed", "notification.sent"]);
        broken.GetProperty("complete").GetBoolean().ShouldBeFalse();
        broken.GetProperty("missingEventId").GetGuid().ShouldBe(gap.PaymentRequested.Context.EventId);

        var children = await run.Monitor.GetJsonAsync($"/api/events/{whole.Created.Context.EventId}/children");
        children.GetProperty("events")
            .EnumerateArray()
            .ShouldHaveSingleItem()
            .GetProperty("eventId")
            .GetGuid()
            .ShouldBe(whole.PaymentRequested.Context.EventId);
    }

    [Fact]
    public async Task Order_life_cycle_is_found_by_order_id()
    {
        await using var run = await StartAsync();
        var order = OrderEvents.From(_time.GetUtcNow());
        await run.Monitor.ReceiveAsync(order.All);

        var life = await run.Monitor.GetJsonAsync($"/api/orders/{order.OrderId}");

        life.GetProperty("order").GetProperty("outcome").GetString().ShouldBe("completed");
        life.GetProperty("ageMs").GetDouble().ShouldBe(40);
        Types(life.GetProperty("steps")).ShouldBe(order.All.Select(one => one.WireType));
        (await run.Monitor.GetJsonAsync($"/api/orders/{order.OrderId}/events")).GetProperty("events").GetArrayLength().ShouldBe(5);
    }

    [Fact]
    public async Task Orders_are_searched_by_user_status_duration_and_time_page_by_page()
    {
        await using var run = await StartAsync();
        var start = _time.GetUtcNow();
        var orders = Enumerable.Range(0, 7)
            .Select(second => OrderEvents.From(start.AddSeconds(second), userId: second % 2 == 0 ? "even" : "odd"))
            .ToList();
        await run.Monitor.ReceiveAsync(orders.Take(5).SelectMany(order => order.All));
        await run.Monitor.ReceiveAsync(orders[5].Created, orders[6].Created, orders[4].Sent.PublishedAt(start.AddSeconds(14)));
        await run.Monitor.ReceiveAsync(
            OrderEvents.From(start, correlationId: "slow", userId: "slow").Sent.PublishedAt(start.AddSeconds(9)));

        (await FindAsync("user=even")).ShouldBe([6, 4, 2, 0]);
        (await FindAsync("status=open")).ShouldBe([6, 5]);
        (await FindAsync("status=ended&user=odd")).ShouldBe([3, 1]);
        (await FindAsync($"from={start.AddSeconds(2):O}&to={start.AddSeconds(4):O}".Replace("+", "%2B", StringComparison.Ordinal)))
            .ShouldBe([3, 2]);
        (await FindAsync($"order={orders[3].OrderId}")).ShouldBe([3]);
        (await run.Monitor.GetJsonAsync("/api/orders?status=ended&slowerThanMs=8999"))
            .GetProperty("orders")
            .EnumerateArray()
            .ShouldHaveSingleItem()
            .GetProperty("userId")
            .GetString()
            .ShouldBe("slow");

        var pages = new List<int>();
        string? next = "";
        for (var page = 0; page < 10 && next is not null; page++)
        {
            var answer = await run.Monitor.GetJsonAsync($"/api/orders?limit=3&after={next}");
            pages.AddRange(Indexes(answer));
            next = answer.TryGetProperty("next", out var given) ? given.GetString() : null;
        }

        pages.Where(index => index >= 0).ShouldBe([6, 5, 4, 3, 2, 1, 0]);

        async Task<IEnumerable<int>> FindAsync(string query) => Indexes(await run.Monitor.GetJsonAsync($"/api/orders?{query}"));

        IEnumerable<int> Indexes(JsonElement answer) => answer.GetProperty("orders").EnumerateArray()
            .Select(found => orders.FindIndex(order => order.OrderId == found.GetProperty("orderId").GetString()));
    }

    [Fact]
    public async Task Invalid_query_names_each_wrong_parameter_and_unknown_ids_are_not_found()
    {
        await using var run = await StartAsync();

        var refused = await run.Monitor.GetJsonAsync(
            "/api/orders?status=lost&limit=0&after=x&from=yesterday&slowerThanMs=-1", HttpStatusCode.BadRequest);
        refused.GetProperty("errors")
            .EnumerateObject()
            .Select(error => error.Name)
            .ShouldBe(["status", "slowerThanMs", "from", "limit", "after"], ignoreOrder: true);
        refused.GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:invalid-query");
        foreach (var path in new[]
        {
            $"/api/events/{Guid.NewGuid()}",
            $"/api/events/{Guid.NewGuid()}/chain",
            "/api/flows/nothing",
            "/api/flows",
            "/api/flows?correlationId=a%00b",
            "/api/orders/nothing",
            "/api/orders/nothing/events",
        })
        {
            (await run.Monitor.GetJsonAsync(path, HttpStatusCode.NotFound))
                .GetProperty("type")
                .GetString()
                .ShouldBe("urn:orderflow:problem:unknown");
        }

        await run.Monitor.GetJsonAsync("/api/flows/open?limit=0", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Dashboard_answers_without_a_broker()
    {
        await using var run = await StartAsync();
        await run.Monitor.ReceiveAsync(Enumerable.Range(0, 9).SelectMany(_ => OrderEvents.From(_time.GetUtcNow()).All));
        await run.Monitor.ReceiveAsync(
            OrderEvents.From(_time.GetUtcNow()).Sent.PublishedAt(_time.GetUtcNow().AddSeconds(1)),
            OrderEvents.From(_time.GetUtcNow()).Created);
        _time.Advance(TimeSpan.FromMinutes(2));

        var told = await run.Monitor.GetJsonAsync("/api/dashboard");

        told.GetProperty("collectedAt").GetDateTimeOffset().ShouldBe(_time.GetUtcNow());
        told.GetProperty("eventsLastHour").GetInt64().ShouldBe(47);
        told.GetProperty("eventsToday").GetInt64().ShouldBe(47);
        told.GetProperty("openFlows").GetInt64().ShouldBe(1);
        told.GetProperty("p50Ms").GetDouble().ShouldBe(40);
        told.GetProperty("p99Ms").GetDouble().ShouldBeInRange(900, 1000);
        told.GetProperty("flowsEnded").GetInt64().ShouldBe(10);
        told.GetProperty("throughputPerSecond").GetDouble().ShouldBe(10 / 300.0, 1e-9);
        told.GetProperty("errorRate").GetDouble().ShouldBe(0);
        told.TryGetProperty("deadLetterQueueSize", out _).ShouldBeFalse();

        var open = await run.Monitor.GetJsonAsync("/api/flows/open");
        open.GetProperty("flows").EnumerateArray().ShouldHaveSingleItem().GetProperty("ageMs").GetDouble().ShouldBe(120_000);
    }

    private static IEnumerable<string?> Types(JsonElement steps) =>
        steps.EnumerateArray().Select(step => step.GetProperty("event").GetProperty("type").GetString());

    private async Task<Run> StartAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        var monitor = await RunningMonitor.StartAsync("amqp://nobody:nothing@127.0.0.1:1", database.ConnectionString, _time);
        await monitor.Get<OrderFlow.Messaging.Postgres.Migrations.ISchema>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return new Run(database, monitor);
    }

    private sealed record Run(TestDatabase Database, RunningMonitor Monitor) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Monitor.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
