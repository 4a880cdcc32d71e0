using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Gateway;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.Gateway;

public sealed class KeyReuseTests
{
    private const string First = """{"items":[{"id":"item-1","quantity":1,"unitPrice":10}],"currency":"EUR","userId":"a"}""";
    private const string Other = """{"items":[{"id":"item-2","quantity":9,"unitPrice":99}],"currency":"EUR","userId":"b"}""";

    [Theory]
    [InlineData(Other)]
    [InlineData("""{"items":[{"id":"item-1","quantity":2,"unitPrice":10}],"currency":"EUR","userId":"a"}""")]
    [InlineData("""{"items":[{"id":"item-1","quantity":1,"unitPrice":10}],"currency":"USD","userId":"a"}""")]
    [InlineData("""{"items":[{"id":"item-1","quantity":1,"unitPrice":10}],"currency":"EUR","userId":"b"}""")]
    [InlineData("""{"items":[{"id":"item-1","quantity":1,"unitPrice":10}],"currency":"EUR","userId":"a","email":"a@example.org"}""")]
    public async Task Different_order_with_a_used_key_gets_422_and_is_not_counted_as_accepted(string other)
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var gateway = await service.GatewayAsync();
        using var probe = new MeterProbe(gateway.Meters);

        using var first = await PostAsync(gateway, First);
        using var second = await PostAsync(gateway, other);

        first.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        second.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = await RunningGateway.ReadProblemAsync(second);
        (problem.GetProperty("type").GetString(), problem.GetProperty("outcome").GetString()).ShouldBe(
            ("urn:orderflow:problem:idempotency-key-reused", "not_accepted"));
        gateway.Publisher.Published.Count.ShouldBe(1);
        probe.Of("orders.accepted").Count.ShouldBe(1);
        probe.Of("order.value").Sum(measured => measured.Value).ShouldBe(10);
        probe.Of("orders.rejected").ShouldHaveSingleItem().Tags.ShouldBe("reason=idempotency_key");
    }

    [Fact]
    public async Task Same_order_with_other_formatting_gets_the_same_answer_and_counts_once_even_at_another_gateway_after_a_restart()
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var gateway = await service.GatewayAsync();
        await using var later = await service.GatewayAsync();
        using var probe = new MeterProbe(gateway.Meters);
        using var laterProbe = new MeterProbe(later.Meters);

        using var first = await PostAsync(gateway, First, ("X-Correlation-ID", "mine"));
        service.Store();
        using var repeated =
            await PostAsync(
                gateway,
                """ { "userId" : "a", "currency":"EUR", "x":1, "items":[ {"quantity":1.0, "unitPrice":1e1, "id":"item-1"} ] } """);
        using var elsewhere = await PostAsync(later, First, ("X-Correlation-ID", "another"));

        foreach (var answer in new[] { first, repeated, elsewhere })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            answer.Headers.Location.ShouldBe(first.Headers.Location);
            answer.Headers.GetValues("X-Correlation-ID").ShouldBe(["mine"]);
        }

        gateway.Publisher.Published.Count.ShouldBe(1);
        later.Publisher.Published.ShouldBeEmpty();
        probe.Of("orders.accepted").Count.ShouldBe(1);
        probe.Of("order.value").Sum(measured => measured.Value).ShouldBe(10);
        laterProbe.Of("orders.accepted").ShouldBeEmpty();
        laterProbe.Of("order.value").ShouldBeEmpty();
        using var other = await PostAsync(later, Other);
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_different_orders_with_one_key_at_the_same_time_at_two_gateways_one_is_accepted(bool asked)
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var one = asked ? await service.GatewayAsync() : await RunningGateway.StartAsync();
        await using var two = asked ? await service.GatewayAsync() : one;
        using var probe = new MeterProbe(one.Meters);
        using var probeOfTwo = new MeterProbe(two.Meters);

        var answers = await Task.WhenAll(Enumerable.Range(1, 16).Select(quantity => PostAsync(
            quantity % 2 == 0 ? one : two, $$"""{"items":[{"id":"item-1","quantity":{{quantity}},"unitPrice":1}],"userId":"a"}""")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted).ShouldBe(1);
        answers.Where(answer => answer.StatusCode != HttpStatusCode.Accepted).ShouldAllBe(
            answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity || answer.StatusCode == HttpStatusCode.Conflict);
        IEnumerable<RunningGateway> gateways = asked ? [one, two] : [one];
        gateways.Sum(gateway => gateway.Publisher.Published.Count).ShouldBe(1);
        (probe.Of("orders.accepted").Count + (asked ? probeOfTwo.Of("orders.accepted").Count : 0)).ShouldBe(1);
    }

    [Fact]
    public async Task While_the_first_order_is_in_flight_a_different_one_gets_409_and_the_same_one_waits_for_its_answer()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var probe = new MeterProbe(gateway.Meters);
        var confirm = new TaskCompletionSource();
        gateway.Publisher.Confirm = () => confirm.Task;

        var first = PostAsync(gateway, First);
        await Wait.UntilAsync("the first is published", () => gateway.Publisher.Published.Count == 1);
        var same = PostAsync(gateway, First);
        using var other = await PostAsync(gateway, Other);
        confirm.SetResult();

        other.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        other.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await first).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await same).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        gateway.Publisher.Published.Count.ShouldBe(1);
        probe.Of("orders.accepted").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Key_of_an_unconfirmed_order_accepts_only_the_same_order_and_counts_it_once_confirmed()
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var gateway = await service.GatewayAsync();
        using var probe = new MeterProbe(gateway.Meters);
        gateway.Publisher.Confirm = () => Task.FromException(new PublishException(PublishFailure.TimedOut, "no answer"));
        using var failed = await PostAsync(gateway, First);
        gateway.Publisher.Confirm = () => Task.CompletedTask;

        using var other = await PostAsync(gateway, Other);
        using var again = await PostAsync(gateway, First);

        (failed.StatusCode, other.StatusCode, again.StatusCode).ShouldBe(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.UnprocessableEntity, HttpStatusCode.Accepted));
        gateway.Publisher.Published.Select(one => one.Context.EventId).Distinct().Count().ShouldBe(1);
        probe.Of("orders.accepted").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_OrderService_orders_are_accepted_and_compared_with_the_keys_in_memory(bool hangs)
    {
        await using var service = await FakeKeyService.StartAsync();
        service.Mode = hangs ? FakeKeyService.Trouble.Silent : FakeKeyService.Trouble.Failing;
        await using var gateway = await service.GatewayAsync();
        using var probe = new MeterProbe(gateway.Meters);

        using var first = await PostAsync(gateway, First);
        using var same = await PostAsync(gateway, First);
        using var other = await PostAsync(gateway, Other);

        (first.StatusCode, same.StatusCode, other.StatusCode).ShouldBe(
            (HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.UnprocessableEntity));
        gateway.Publisher.Published.ShouldHaveSingleItem().Order.RequestFingerprint.Length.ShouldBe(32);
        probe.Of("orders.accepted").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Orders_without_a_key_do_not_call_OrderService_and_have_no_fingerprint()
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var gateway = await service.GatewayAsync();

        (await gateway.PostAsync(First)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        service.Asked.ShouldBe(0);
        gateway.Publisher.Published.ShouldHaveSingleItem().Order.RequestFingerprint.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Key_that_fell_out_of_memory_is_looked_up_at_OrderService()
    {
        await using var service = await FakeKeyService.StartAsync();
        await using var gateway = await service.GatewayAsync(("IdempotencyKeys:Remembered", "1"));
        using var probe = new MeterProbe(gateway.Meters);
        using var first = await PostAsync(gateway, First);
        using var next =
            await gateway.PostAsync(JsonContent.Create(JsonSerializer.Deserialize<JsonElement>(Other)), ("Idempotency-Key", "next"));

        using var same = await PostAsync(gateway, First);
        using var other = await PostAsync(gateway, Other);

        (same.StatusCode, other.StatusCode).ShouldBe((HttpStatusCode.Accepted, HttpStatusCode.UnprocessableEntity));
        probe.Of("orders.accepted").Count.ShouldBe(2);
    }

    private static Task<HttpResponseMessage> PostAsync(
        RunningGateway gateway, string body, params (string Name, string Value)[] headers) =>
        gateway.PostAsync(new StringContent(body, null, "application/json"), [("Idempotency-Key", "key-1"), .. headers]);
}
