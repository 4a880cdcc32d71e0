using System.Net;
using System.Text.Json;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support.Monitor;
using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Monitor.DeadLetters;

[Collection("Monitor")]
public sealed class DeadLetterTests(BrokerFixture broker, PostgresFixture postgres)
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dead_letters_are_grouped_by_cause_and_a_group_is_replayed()
    {
        await using var scene = await DeadLetterScene.OnAsync(broker, postgres);
        foreach (var reason in new[] { DeadLetterReasons.HandlerFailed, DeadLetterReasons.HandlerFailed, DeadLetterReasons.MissingHeader })
        {
            await scene.DeadLetterAsync(OrderEvents.From(DateTimeOffset.UtcNow).Processed, reason);
        }

        var listing = (await scene.ListAsync()).GetProperty("listing");
        listing.GetProperty("total").GetInt32().ShouldBe(3);
        var largest = listing.GetProperty("groups").EnumerateArray().First();
        largest.GetProperty("count").GetInt32().ShouldBe(2);
        var group = largest.GetProperty("id").GetString();

        var refused = await scene.PostAsync(new { all = true, reason = " " }, HttpStatusCode.BadRequest, act: "discard");
        refused.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe(["reason", "by"]);

        (await scene.PostAsync(new { group, dryRun = true })).GetProperty("replayed").GetInt32().ShouldBe(2);
        (await scene.Channel.MessageCountAsync(DeadLetterScene.Service, CancellationToken)).ShouldBe(0u);
        (await scene.PostAsync(new { group })).GetProperty("replayed").GetInt32().ShouldBe(2);
        (await scene.Channel.MessageCountAsync(DeadLetterScene.Service, CancellationToken)).ShouldBe(2u);

        var discarded = await scene.PostAsync(new { all = true, reason = "nobody waits for it", by = "a test" }, act: "discard");
        discarded.GetProperty("discarded").GetInt32().ShouldBe(1);
        var line = JsonDocument.Parse(
            (await File.ReadAllLinesAsync(discarded.GetProperty("writtenTo").GetString()!, CancellationToken))
                .ShouldHaveSingleItem()).RootElement;
        line.GetRawText().ShouldContain("nobody waits for it");

        foreach (var unclear in new object[]
        {
            new { },
            new { group, all = true },
            new { all = true, rate = -1 },
            new { all = true, ramp = true, steps = new[] { 1, 0 } },
            new { all = true, ramp = true, allowedFailures = 2 },
        })
        {
            (await scene.PostAsync(unclear, HttpStatusCode.BadRequest)).GetProperty("type")
                .GetString()
                .ShouldBe("urn:orderflow:problem:invalid-query");
        }
    }

    [Fact]
    public async Task Orders_at_risk_are_counted_once_with_their_known_value()
    {
        await using var scene = await DeadLetterScene.OnAsync(broker, postgres);
        var (told, stored, unknown) = (
            OrderEvents.From(DateTimeOffset.UtcNow), OrderEvents.From(DateTimeOffset.UtcNow), OrderEvents.From(DateTimeOffset.UtcNow));
        await scene.Monitor.ReceiveAsync(
            stored.Created with { Body = new OrderCreated { OrderId = stored.OrderId, Total = 5.50m.ToMoney("USD") } });
        // Two messages of one order, in two groups; the first of them says what it is worth.
        await scene.DeadLetterAsync(
            told.Processed with { Body = new OrderProcessed { OrderId = told.OrderId, Total = 1200.25m.ToMoney("EUR") } });
        await scene.DeadLetterAsync(told.Created, DeadLetterReasons.PermanentFailure);
        await scene.DeadLetterAsync(stored.Created with { Body = new OrderRejected { OrderId = stored.OrderId } });
        await scene.DeadLetterAsync(unknown.Processed);

        var look = await scene.Monitor.GetJsonAsync("/api/dead-letters");
        var service = await scene.ListAsync();

        AtRisk(look.GetProperty("atRisk")).ShouldBe("3 orders, 1200.25 EUR, 5.5 USD, 1 unknown");
        AtRisk(service.GetProperty("atRisk")).ShouldBe("3 orders, 1200.25 EUR, 5.5 USD, 1 unknown");
        var groups = service.GetProperty("listing").GetProperty("groups").EnumerateArray().ToList();
        groups
            .Select(group => (group.GetProperty("count").GetInt32(), group.GetProperty("aggregates").GetInt32()))
            .ShouldBe([(3, 3), (1, 1)]);
        groups.Select(group => AtRisk(service.GetProperty("groupsAtRisk").GetProperty(group.GetProperty("id").GetString()!)))
            .ShouldBe(["3 orders, 1200.25 EUR, 5.5 USD, 1 unknown", "1 orders, 1200.25 EUR, 0 unknown"]);

        static string AtRisk(JsonElement risk) =>
            $"{risk.GetProperty("orders")} orders, "
            + string.Concat(risk.GetProperty("value").EnumerateArray().Select(Amount))
            + $"{risk.GetProperty("valueUnknown")} unknown";

        static string Amount(JsonElement value) =>
            $"{value.GetProperty("amount").GetDecimal():0.##} {value.GetProperty("currency").GetString()}, ";
    }

    [Fact]
    public async Task Message_is_listed_and_shown_masked_and_is_gone_after_its_replay()
    {
        await using var scene = await DeadLetterScene.OnAsync(broker, postgres);
        var orders = Enumerable.Range(0, 53).Select(_ => OrderEvents.From(DateTimeOffset.UtcNow)).ToList();
        foreach (var order in orders)
        {
            await scene.DeadLetterAsync(
                order.Processed with
                {
                    Body = new OrderProcessed { OrderId = order.OrderId, Email = "somebody@example.org", Total = 1m.ToMoney("EUR") },
                });
        }

        await scene.DeadLetterAsync(OrderEvents.From(DateTimeOffset.UtcNow).Processed, DeadLetterReasons.UndecodableBody, body: [0xFF]);
        var last = orders[52].Processed;
        await scene.Monitor.ReceiveAsync(
            last.LifecycleEvent(
                DeadLetterScene.Service,
                LifecycleEventNames.DeadLettered,
                DateTimeOffset.UtcNow,
                (HeaderNames.DeadLetterReason, "handler_failed")));
        var id = last.Context.EventId;
        var group = (await scene.ListAsync()).GetProperty("listing").GetProperty("groups")[0].GetProperty("id").GetString();

        var page = await scene.Monitor.GetJsonAsync($"/api/dead-letters/{DeadLetterScene.Service}/messages?group={group}&page=2");
        (page.GetProperty("total").GetInt32(), page.GetProperty("page").GetInt32(), page.GetProperty("pages").GetInt32())
            .ShouldBe((53, 2, 2));
        page.GetProperty("letters")
            .EnumerateArray()
            .Select(letter => letter.GetProperty("id").GetGuid())
            .ShouldBe(orders.Skip(50).Select(order => order.Processed.Context.EventId));

        var message = await scene.Monitor.GetJsonAsync($"/api/dead-letters/{DeadLetterScene.Service}/messages/{id}");
        message.GetRawText().ShouldNotContain("somebody");
        message.GetProperty("body").GetProperty("email").GetString().ShouldBe("•••");
        message.GetProperty("headers").GetProperty(HeaderNames.DeadLetterExceptionMessage).GetString().ShouldBe("nobody answers");
        (message.GetProperty("letter").GetProperty("attempts").GetInt32(), message.GetProperty("traceId").GetString())
            .ShouldBe((4, "0af7651916cd43dd8448eb211c80319c"));
        message.GetProperty("history").EnumerateArray().Single().GetProperty("kind").GetString().ShouldBe("dead-lettered");
        var all = await scene.Monitor.GetJsonAsync($"/api/dead-letters/{DeadLetterScene.Service}/messages?page=2");
        var odd = await scene.Monitor.GetJsonAsync(
            $"/api/dead-letters/{DeadLetterScene.Service}/messages/{all.GetProperty("letters")[3].GetProperty("id").GetString()}");
        (odd.GetProperty("bodyBytes").GetInt32(), odd.TryGetProperty("body", out _), odd.TryGetProperty("bodyBase64", out _))
            .ShouldBe((1, false, false), "what cannot be decoded cannot be masked");

        (await scene.PostAsync(new { message = id })).GetProperty("replayed").GetInt32().ShouldBe(1);
        await scene.Monitor.GetJsonAsync($"/api/dead-letters/{DeadLetterScene.Service}/messages/{id}", HttpStatusCode.NotFound);
        await scene.Monitor.GetJsonAsync("/api/dead-letters/no-such-service/messages", HttpStatusCode.NotFound);
        (await scene.CountDeadLettersAsync()).ShouldBe(53u);
    }
}
