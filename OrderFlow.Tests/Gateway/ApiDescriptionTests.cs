using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using OrderFlow.Contracts.Http;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.Gateway;
using OrderFlow.Tests.Support.Services;

namespace OrderFlow.Tests.Gateway;

public sealed class ApiDescriptionTests
{
    private static readonly (string, string) Described = ("OpenApi:Enabled", "true");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Description_is_a_valid_OpenAPI_document()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);

        var (document, diagnostic) = await ReadAsync(gateway);

        diagnostic.Errors.Select(error => error.Message).ShouldBeEmpty();
        diagnostic.Warnings.Select(warning => warning.Message).ShouldBeEmpty();
        document.Paths.Keys.ShouldBe(["/orders", "/orders/{id}"], ignoreOrder: true);
    }

    [Fact]
    public async Task Every_answer_is_described_with_its_headers_and_retryable_problems_with_Retry_After()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);

        var (document, _) = await ReadAsync(gateway);

        var place = document.Paths["/orders"].Operations![HttpMethod.Post];
        AnswersOf(place).ShouldBe(
        [
            "202 application/json Location X-Correlation-ID",
            "400 application/problem+json X-Correlation-ID",
            "408 application/problem+json X-Correlation-ID",
            "409 application/problem+json Retry-After X-Correlation-ID",
            "413 application/problem+json X-Correlation-ID",
            "415 application/problem+json X-Correlation-ID",
            "422 application/problem+json X-Correlation-ID",
            "429 application/problem+json Retry-After X-Correlation-ID",
            "503 application/problem+json Retry-After X-Correlation-ID",
        ]);
        place.Parameters!.Select(parameter => (parameter.Name, parameter.In, parameter.Required)).ShouldBe(
        [
            ("Idempotency-Key", ParameterLocation.Header, false),
            ("X-Correlation-ID", ParameterLocation.Header, false),
            ("X-Tenant-ID", ParameterLocation.Header, false),
            ("traceparent", ParameterLocation.Header, false),
        ]);
        place.RequestBody!.Required.ShouldBeTrue();
        AnswersOf(document.Paths["/orders/{id}"].Operations![HttpMethod.Get]).ShouldBe(
            ["200 application/json", "404 application/problem+json", "503 application/problem+json Retry-After"]);
    }

    [Fact]
    public async Task Every_example_of_the_description_is_accepted_as_an_order()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);
        var examples = (await BodyAsync(gateway)).Examples!;

        foreach (var (name, example) in examples)
        {
            using var answer = await gateway.PostAsync(example.Value!.ToJsonString());
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, name);
        }

        examples["smallest"].Value!.ToJsonString().ShouldBe(RunningGateway.GoodOrder);
        gateway.Publisher.Published.Count.ShouldBe(examples.Count);
    }

    [Fact]
    public async Task Schema_has_exactly_the_fields_that_the_endpoint_reads()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);
        var order = (await BodyAsync(gateway)).Schema!;

        order.Properties!.Keys.ShouldBe(FieldsOf(typeof(OrderFlow.Gateway.PlaceOrder.OrderReader), "OrderFields"), ignoreOrder: true);
        order.Properties["items"].Items!.Properties!.Keys.ShouldBe(FieldsOf(typeof(OrderLines), "LineFields"), ignoreOrder: true);
    }

    [Fact]
    public async Task Limits_of_the_schema_are_the_limits_of_the_endpoint()
    {
        await using var gateway =
            await RunningGateway.StartAsync(null, Described, ("PlaceOrder:MaxItems", "7"), ("PlaceOrder:DefaultCurrency", "CHF"));
        var order = (await BodyAsync(gateway)).Schema!;
        var (userId, currency, email, items) =
            (order.Properties!["userId"], order.Properties["currency"], order.Properties["email"], order.Properties["items"]);
        var (id, quantity, price) =
            (items.Items!.Properties!["id"], items.Items.Properties["quantity"], items.Items.Properties["unitPrice"]);
        currency.Default!.GetValue<string>().ShouldBe("CHF");

        await AcceptsAsync("userId", Text(userId.MaxLength), Text(userId.MaxLength + 1));
        await AcceptsAsync("email", Email(email.MaxLength!.Value), Email(email.MaxLength.Value + 1));
        await AcceptsAsync("items", Lines(items.MaxItems!.Value), Lines(items.MaxItems.Value + 1));
        await AcceptsAsync("items", Lines(items.MinItems!.Value), Lines(items.MinItems.Value - 1));
        await AcceptsLineAsync("id", Text(id.MaxLength), Text(id.MaxLength + 1));
        await AcceptsLineAsync("quantity", quantity.Maximum!, $"{int.Parse(quantity.Maximum!) + 1}");
        await AcceptsLineAsync("quantity", quantity.Minimum!, $"{int.Parse(quantity.Minimum!) - 1}");
        await AcceptsLineAsync("unitPrice", price.Maximum!, $"{decimal.Parse(price.Maximum!) + 1}");
        await AcceptsLineAsync("unitPrice", price.Minimum!, "-1");
        await AcceptsLineAsync("unitPrice", $"{price.MultipleOf}", $"{price.MultipleOf / 10}");
        foreach (var code in currency.Enum!)
        {
            await AcceptsAsync("currency", code!.ToJsonString(), "\"XXX\"");
        }

        async Task AcceptsAsync(string field, string good, string bad)
        {
            (await StatusAsync(With(field, good))).ShouldBe(HttpStatusCode.Accepted, $"{field}: {good}");
            (await StatusAsync(With(field, bad))).ShouldBe(HttpStatusCode.BadRequest, $"{field}: {bad}");
        }

        async Task AcceptsLineAsync(string field, string good, string bad)
        {
            (await StatusAsync(WithLine(field, good))).ShouldBe(HttpStatusCode.Accepted, $"{field}: {good}");
            (await StatusAsync(WithLine(field, bad))).ShouldBe(HttpStatusCode.BadRequest, $"{field}: {bad}");
        }

        async Task<HttpStatusCode> StatusAsync(JsonNode body)
        {
            using var answer = await gateway.PostAsync(body.ToJsonString());
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("Idempotency-Key")]
    [InlineData("X-Correlation-ID")]
    [InlineData("X-Tenant-ID")]
    public async Task Header_of_the_described_maximum_length_is_accepted_and_a_longer_one_is_refused(string name)
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);
        var (document, _) = await ReadAsync(gateway);
        var longest =
            document.Paths["/orders"].Operations![HttpMethod.Post].Parameters!.Single(parameter =>
                parameter.Name == name).Schema!.MaxLength!.Value;

        using var taken = await gateway.PostAsync(GoodOrder(), (name, new string('~', longest)));
        using var refused = await gateway.PostAsync(GoodOrder(), (name, new string('~', longest + 1)));

        (taken.StatusCode, refused.StatusCode).ShouldBe((HttpStatusCode.Accepted, HttpStatusCode.BadRequest));

        static StringContent GoodOrder() => new(RunningGateway.GoodOrder, Encoding.UTF8, "application/json");
    }

    [Fact]
    public async Task An_order_is_described_with_the_fields_that_OrderService_writes()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);
        var (document, _) = await ReadAsync(gateway);

        var order = document.Paths["/orders/{id}"].Operations![HttpMethod.Get].Responses!["200"].Content!["application/json"].Schema!;

        order.Properties!.Keys.ShouldBe(Names(typeof(PlacedOrder)));
        order.Properties["lines"].Items!.Properties!.Keys.ShouldBe(Names(typeof(PlacedOrderLine)));
        order.Properties["history"].Items!.Properties!.Keys.ShouldBe(Names(typeof(PlacedOrderStep)));
    }

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/scalar")]
    [InlineData("/scalar/v1")]
    public async Task Description_is_not_served_in_Production(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();

        using var answer = await gateway.Http.GetAsync(path, Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Requests_for_the_description_are_not_in_the_request_metrics()
    {
        await using var gateway = await RunningGateway.StartAsync(settings: Described);
        using var probe = new MeterProbe(gateway.Meters);

        foreach (var path in (string[])["/openapi/v1.json", "/scalar/v1", "/scalar/scalar.js"])
        {
            (await gateway.Http.GetAsync(path, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await gateway.PostAsync(RunningGateway.GoodOrder);

        await Wait.UntilAsync(() => probe.Of("http.server.request.duration").Count > 0);
        probe.Of("http.server.request.duration").ShouldHaveSingleItem().Tags.ShouldContain("http.route=/orders");
    }

    private static async Task<(OpenApiDocument Document, OpenApiDiagnostic Diagnostic)> ReadAsync(RunningGateway gateway)
    {
        var text = await gateway.Http.GetStringAsync("/openapi/v1.json", Cancellation);
        var read = OpenApiDocument.Parse(text, "json");
        return (read.Document.ShouldNotBeNull(), read.Diagnostic.ShouldNotBeNull());
    }

    private static async Task<OpenApiMediaType> BodyAsync(RunningGateway gateway)
    {
        var (document, _) = await ReadAsync(gateway);
        return (OpenApiMediaType)document.Paths["/orders"].Operations![HttpMethod.Post].RequestBody!.Content!["application/json"];
    }

    private static IEnumerable<string> AnswersOf(OpenApiOperation operation) => operation.Responses!.Select(answer =>
        string.Join(' ', [answer.Key, .. answer.Value.Content!.Keys, .. answer.Value.Headers?.Keys ?? Enumerable.Empty<string>()]));

    /// <summary>The reader keeps the fields that it has seen in an enumeration of its own.</summary>
    private static IEnumerable<string> FieldsOf(
        Type reader, string fields) => Enum.GetNames(reader.GetNestedType(fields, BindingFlags.NonPublic)!)
        .Where(name => name != "None")
        .Select(JsonNamingPolicy.CamelCase.ConvertName);

    private static IEnumerable<string> Names(Type record) =>
        record.GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));

    private static JsonObject With(string field, string json)
    {
        var order = JsonNode.Parse(RunningGateway.GoodOrder)!.AsObject();
        order[field] = JsonNode.Parse(json);
        return order;
    }

    private static JsonObject WithLine(string field, string json)
    {
        var order = JsonNode.Parse(RunningGateway.GoodOrder)!.AsObject();
        order["items"]![0]![field] = JsonNode.Parse(json);
        return order;
    }

    private static string Text(int? length) => $"\"{new string('x', length!.Value)}\"";

    /// <summary>An address of this length whose labels are no longer than DNS lets them be.</summary>
    private static string Email(int length)
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 60), 3));
        return $"\"{new string('a', length - domain.Length - 1)}@{domain}\"";
    }

    private static string Lines(int count) =>
        new JsonArray([.. Enumerable.Range(0, count).Select(_ => JsonNode.Parse("""{"id":"a","quantity":1}"""))]).ToJsonString();
}
