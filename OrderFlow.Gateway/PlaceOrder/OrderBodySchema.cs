using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using OrderFlow.Gateway.DescribeApi;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>What <see cref="OrderReader"/> takes, in the words of JSON Schema. Fields that it does not know it ignores.</summary>
internal static class OrderBodySchema
{
    /// <summary>The smallest order that is accepted, and a larger one.</summary>
    public static IReadOnlyDictionary<string, string> Examples { get; } = new Dictionary<string, string>
    {
        ["smallest"] = """{"items":[{"id":"item-1","quantity":2}],"userId":"user-123"}""",
        ["withPrices"] = """
            {"items":[{"id":"item-1","quantity":2,"unitPrice":19.99},{"id":"item-2","quantity":1,"unitPrice":5}],
             "userId":"user-123","currency":"EUR","email":"alice@example.org"}
            """,
    };

    public static OpenApiSchema Of(PlaceOrderOptions options) => Object(
        ["items", "userId"],
        ("items", new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "What is ordered. The same item may stand in several lines.",
            MinItems = 1,
            MaxItems = options.MaxItems,
            Items = Line(),
        }),
        ("userId", Text(OrderRules.MaxUserIdLength, "Who orders.")),
        ("currency", new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "Currency of the prices, an ISO 4217 code.",
            Enum = [.. Currencies.All.Select(code => JsonValue.Create(code))],
            Default = JsonValue.Create(options.DefaultCurrency),
        }),
        ("email", new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Description = "Where the customer is told how the order ended.",
            Format = "email",
            MaxLength = EmailAddress.MaxLength,
        }));

    private static OpenApiSchema Line() => Object(
        ["id", "quantity"],
        ("id", Text(OrderRules.MaxItemIdLength, "The item.")),
        ("quantity", new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = $"{OrderRules.MinQuantity}",
            Maximum = $"{OrderRules.MaxQuantity}",
        }),
        ("unitPrice", new OpenApiSchema
        {
            Type = JsonSchemaType.Number,
            Description = $"It {Price.Rule}.",
            Minimum = "0",
            Maximum = $"{Price.Max}",
            MultipleOf = 1m / (decimal)Math.Pow(10, Price.MaxDecimals),
        }));

    private static OpenApiSchema Object(HashSet<string> required, params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Required = required,
        Properties =
            properties.ToDictionary(property => property.Name, property => (IOpenApiSchema)property.Schema, StringComparer.Ordinal),
    };

    /// <summary>Text that <see cref="VisibleText"/> takes, as far as a pattern can say it.</summary>
    private static OpenApiSchema Text(int maxLength, string description) => new()
    {
        Type = JsonSchemaType.String,
        Description = $"{description} Visible text: without control or invisible characters, and not only blanks.",
        MinLength = 1,
        MaxLength = maxLength,
        Pattern = Described.VisibleText,
    };
}
