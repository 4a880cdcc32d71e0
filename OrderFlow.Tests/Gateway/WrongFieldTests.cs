using System.Net;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class WrongFieldTests
{
    private const string Item = """{"id":"i","quantity":1}""";

    public static TheoryData<string, string> Orders => new()
    {
        { """{"userId":"u"}""", "items" },
        { """{"userId":"u","items":null}""", "items" },
        { """{"userId":"u","items":"item-1"}""", "items" },
        { """{"userId":"u","items":{}}""", "items" },
        { """{"userId":"u","items":[]}""", "items" },
        { $$"""{"userId":"u","items":[{{Repeat(Item, 101)}}]}""", "items" },
        { $$"""{"userId":"u","items":[{{Repeat(Item, 10_000)}}]}""", "items" },
        { $$"""{"userId":"u","items":[{{Item}}],"items":[{{Item}}]}""", "items" },
        { """{"userId":"u","items":[null]}""", "items[0]" },
        { """{"userId":"u","items":[["i",1]]}""", "items[0]" },
        { """{"userId":"u","items":[{"quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"   ","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":7,"quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"a\nb","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"a\u0000b","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"a\u202eb","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"\ud800","quantity":1}]}""", "items[0].id" },
        { $$"""{"userId":"u","items":[{"id":"{{new string('i', 65)}}","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"i","id":"i","quantity":1}]}""", "items[0].id" },
        { """{"userId":"u","items":[{"id":"i"}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":null}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":"2"}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":true}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":[1]}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":-1}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":0}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":1.5}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":1e5}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":10001}]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":99999999999}]}""", "items[0].quantity" },
        { $$"""{"userId":"u","items":[{"id":"i","quantity":{{new string('9', 500)}} }]}""", "items[0].quantity" },
        { """{"userId":"u","items":[{"id":"i","quantity":1,"unitPrice":-0.01}]}""", "items[0].unitPrice" },
        { """{"userId":"u","items":[{"id":"i","quantity":1,"unitPrice":"9.99"}]}""", "items[0].unitPrice" },
        { """{"userId":"u","items":[{"id":"i","quantity":1,"unitPrice":0.00001}]}""", "items[0].unitPrice" },
        { """{"userId":"u","items":[{"id":"i","quantity":1,"unitPrice":1000000.0001}]}""", "items[0].unitPrice" },
        { """{"userId":"u","items":[{"id":"i","quantity":1,"unitPrice":1e999}]}""", "items[0].unitPrice" },
        { """{"userId":"u","items":[{"id":"i","quantity":1,"unitPrice":{}}]}""", "items[0].unitPrice" },
        { $$"""{"items":[{{Item}}]}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":null}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":""}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":123}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":"a\u0007b"}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":"{{new string('u', 129)}}"}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":"{{new string('u', 10_240)}}"}""", "userId" },
        { $$"""{"items":[{{Item}}],"userId":"u","currency":"EURO"}""", "currency" },
        { $$"""{"items":[{{Item}}],"userId":"u","currency":"eur"}""", "currency" },
        { $$"""{"items":[{{Item}}],"userId":"u","currency":"XXX"}""", "currency" },
        { $$"""{"items":[{{Item}}],"userId":"u","currency":{"code":"EUR"} }""", "currency" },
        { $$"""{"items":[{{Item}}],"userId":"u","email":"alice"}""", "email" },
        { $$"""{"items":[{{Item}}],"userId":"u","email":"a@b@c"}""", "email" },
        { $$"""{"items":[{{Item}}],"userId":"u","email":"a b@example.org"}""", "email" },
        { $$"""{"items":[{{Item}}],"userId":"u","email":"{{new string('a', 250)}}@b.org"}""", "email" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task A_wrong_field_is_named_and_nothing_is_published(string order, string field)
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(order);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await RunningGateway.ReadProblemAsync(response);
        problem.GetProperty("type").GetString().ShouldBe("urn:orderflow:problem:invalid-order");
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe([field]);
        problem.GetProperty("errors").GetProperty(field).EnumerateArray().ShouldHaveSingleItem().GetString().ShouldNotBeNullOrEmpty();
        gateway.Publisher.Published.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_answer_names_every_wrong_field()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response = await gateway.PostAsync(
            """
            {"items":[{"id":"","quantity":0},{"id":"ok","quantity":1},{"quantity":"x","unitPrice":-1}],
             "userId":7,"currency":"?","email":"?"}
            """);

        var problem = await RunningGateway.ReadProblemAsync(response);
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe(
            ["items[0].id", "items[0].quantity", "items[2].quantity", "items[2].unitPrice", "items[2].id", "userId", "currency", "email"]);
    }

    [Fact]
    public async Task Error_of_a_field_says_the_value_that_was_sent()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var problem =
            await RunningGateway.ReadProblemAsync(await gateway.PostAsync("""{"items":[{"id":"i","quantity":1.5}],"userId":"u"}"""));

        problem.GetProperty("errors").GetProperty("items[0].quantity")[0].GetString()
            .ShouldBe("must be a whole number from 1 to 10000; it is 1.5");
    }

    [Fact]
    public async Task The_answer_to_a_huge_wrong_order_stays_small()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var order = $$"""{"userId":"u","items":[{{Repeat("""{"id":"","quantity":0}""", 20_000)}}]}""";

        var response = await gateway.PostAsync(order);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length.ShouldBeLessThan(32_768);
    }

    [Fact]
    public async Task The_problem_carries_the_correlation_id()
    {
        await using var gateway = await RunningGateway.StartAsync();

        var response =
            await gateway.PostAsync(new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), ("X-Correlation-ID", "mine"));

        (await RunningGateway.ReadProblemAsync(response)).GetProperty("correlationId").GetString().ShouldBe("mine");
        response.Headers.GetValues("X-Correlation-ID").ShouldBe(["mine"]);
    }

    private static string Repeat(string text, int times) => string.Join(',', Enumerable.Repeat(text, times));
}
