using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class AcceptedOrderTests
{
    [Fact]
    public async Task Accepted_order_is_answered_with_202_its_Location_and_its_ids()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(RunningGateway.GoodOrder);

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var (order, context) = gateway.Publisher.Published.ShouldHaveSingleItem();
        answer.EnumerateObject().Select(property => property.Name).ShouldBe(["orderId", "correlationId", "status"]);
        answer.GetProperty("orderId").GetString().ShouldBe(order.OrderId);
        answer.GetProperty("correlationId").GetString().ShouldBe(context.CorrelationId);
        answer.GetProperty("status").GetString().ShouldBe("accepted");
        response.Headers.Location?.OriginalString.ShouldBe($"/orders/{order.OrderId}");
        response.Headers.GetValues("X-Correlation-ID").ShouldBe([context.CorrelationId]);
        response.Content.Headers.ContentType?.ToString().ShouldBe("application/json");
        response.Headers.Contains("Server").ShouldBeFalse();
        Guid.Parse(order.OrderId).Version.ShouldBe(7);
    }

    [Fact]
    public async Task OrderCreated_starts_a_flow_with_the_order_as_aggregate_and_the_user()
    {
        await using var gateway = await RunningGateway.StartAsync();

        await gateway.PostAsync(RunningGateway.GoodOrder);

        var (order, context) = gateway.Publisher.Published.ShouldHaveSingleItem();
        context.Flow.ShouldBe("OrderCreationFlow");
        context.AggregateId.ShouldBe(order.OrderId);
        context.UserId.ShouldBe("user-123");
        context.CausationId.ShouldBeNull();
        context.EventId.Version.ShouldBe(7);
        context.Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task Origin_timestamp_is_the_arrival_of_the_request_not_the_end_of_its_body()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await RunningGateway.StartAsync(time);
        var came = UnixMicroseconds.From(time.GetUtcNow());
        var body = new BodyOnDemand(RunningGateway.GoodOrder);

        var posting = gateway.PostAsync(body);
        await Wait.UntilAsync(() => gateway.InFlight == 1);
        time.Advance(TimeSpan.FromMilliseconds(250));
        body.Send();
        await posting;

        gateway.Publisher.Published.ShouldHaveSingleItem().Context.OriginTimestampMicros.ShouldBe(came);
    }

    [Fact]
    public async Task Correlation_id_of_the_request_becomes_the_correlation_id_of_the_flow()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(Json(RunningGateway.GoodOrder), ("X-Correlation-ID", "checkout-\"42\"/a"));

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        response.Headers.GetValues("X-Correlation-ID").ShouldBe(["checkout-\"42\"/a"]);
        gateway.Publisher.Published.ShouldHaveSingleItem().Context.CorrelationId.ShouldBe("checkout-\"42\"/a");
    }

    [Fact]
    public async Task Prices_are_kept_exactly_and_added_up_to_the_total()
    {
        await using var gateway = await RunningGateway.StartAsync();

        await gateway.PostAsync("""
            {"email":"alice@example.org","currency":"CHF","userId":"u","note":{"unknown":[1,2]},
             "items":[{"id":"a","quantity":3,"unitPrice":0.1},{"id":"b","quantity":2,"unitPrice":19.9999},{"id":"a","quantity":1}]}
            """);

        var order = gateway.Publisher.Published.ShouldHaveSingleItem().Order;
        order.Email.ShouldBe("alice@example.org");
        order.Lines.Select(line => (line.ItemId, line.Quantity)).ShouldBe([("a", 3), ("b", 2), ("a", 1)]);
        order.Lines[1].UnitPrice.ShouldBe(new Money { CurrencyCode = "CHF", Units = 19, Nanos = 999_900_000 });
        order.Lines[2].UnitPrice.ShouldBeNull();
        order.Total.ShouldBe(new Money { CurrencyCode = "CHF", Units = 40, Nanos = 299_800_000 });
    }

    [Fact]
    public async Task Prices_without_a_currency_use_the_default_currency_and_an_order_without_prices_has_no_total()
    {
        await using var gateway = await RunningGateway.StartAsync();

        await gateway.PostAsync("""{"userId":"u","items":[{"id":"a","quantity":1,"unitPrice":5}],"currency":null,"email":null}""");
        await gateway.PostAsync("""{"userId":"u","items":[{"id":"a","quantity":1,"unitPrice":null}],"currency":"USD"}""");

        gateway.Publisher.Published[0].Order.Total.ShouldBe(new Money { CurrencyCode = "EUR", Units = 5 });
        gateway.Publisher.Published[1].Order.Total.ShouldBeNull();
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    [InlineData("Application/JSON")]
    [InlineData("application/vnd.shop.order+json")]
    public async Task Every_usual_content_type_of_JSON_is_accepted(string contentType)
    {
        await using var gateway = await RunningGateway.StartAsync();

        (await gateway.PostAsync(RunningGateway.GoodOrder, contentType)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task An_order_at_every_limit_is_accepted()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var item = $$"""{"id":"{{new string('i', 64)}}","quantity":10000,"unitPrice":1000000.0000}""";
        var order = $$"""{"items":[{{string.Join(',', Enumerable.Repeat(item, 100))}}],"userId":"{{new string('u', 128)}}"}""";

        var response = await gateway.PostAsync(order.PadRight(1_000_000));

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        gateway.Publisher.Published.ShouldHaveSingleItem().Order.Total.Units.ShouldBe(1_000_000_000_000);
    }

    [Fact]
    public async Task Gateway_answers_202_only_after_the_confirm_of_the_broker()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var confirm = new TaskCompletionSource();
        gateway.Publisher.Confirm = () => confirm.Task;

        var posting = gateway.PostAsync(RunningGateway.GoodOrder);
        await Wait.UntilAsync(() => gateway.Publisher.Published.Count == 1);

        posting.IsCompleted.ShouldBeFalse();
        confirm.SetResult();
        (await posting).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
