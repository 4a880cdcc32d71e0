using System.Net.Mime;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using OrderFlow.Contracts;
using OrderFlow.Gateway.DescribeApi;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// Describes <c>POST /orders</c>. The endpoint reads its body by hand, so nothing of it could be found out from its code.
/// </summary>
internal static class PlaceOrderDescription
{
    public static RouteHandlerBuilder DescribePlaceOrder(this RouteHandlerBuilder endpoint, PlaceOrderOptions options) => endpoint
        .WithName("PlaceOrder")
        .WithTags("Orders")
        .WithSummary("Places an order")
        .WithDescription(
            "Answers 202 after the broker has confirmed the order, and a problem (RFC 9457) otherwise. "
            + $"With an {HttpHeaders.IdempotencyKey} it may be sent again without being placed twice.")
        .Produces<OrderAccepted>(StatusCodes.Status202Accepted)
        .ProducesProblems(
            StatusCodes.Status400BadRequest,
            StatusCodes.Status408RequestTimeout,
            StatusCodes.Status409Conflict,
            StatusCodes.Status413PayloadTooLarge,
            StatusCodes.Status415UnsupportedMediaType,
            StatusCodes.Status422UnprocessableEntity,
            StatusCodes.Status429TooManyRequests,
            StatusCodes.Status503ServiceUnavailable)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = Body(options);
            operation.Parameters =
            [
                Described.Header(
                    HttpHeaders.IdempotencyKey,
                    "With the same key an order is placed once, however often the request is sent; "
                    + "another order with it is refused. One for all clients of a tenant: use a random UUID.",
                    "^([!-~]+|\"[ -~]+\")$",
                    IdempotencyKey.MaxLength),
                Described.Header(
                    HttpHeaders.CorrelationId, "The client's own id for everything that follows from this order.", Described.VisibleAscii,
                    OrderRules.MaxCorrelationIdLength),
                Described.Header(
                    HttpHeaders.TenantId,
                    "The organisation that the order belongs to, where several share the system. "
                    + "It travels with every event of the order, and two tenants may use the same "
                    + $"{HttpHeaders.IdempotencyKey}. Visible text in UTF-8; it is not checked against anything.",
                    Described.VisibleText,
                    OrderRules.MaxTenantIdLength),
                Described.Header(
                    "traceparent",
                    "The trace that the order belongs to (W3C Trace Context); "
                    + "B3 headers are read, too. Without either, a new trace begins.",
                    "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"),
            ];
            DescribeAnswers(operation, options);
            return Task.CompletedTask;
        });

    private static OpenApiRequestBody Body(PlaceOrderOptions options) => new()
    {
        Description = $"The order, JSON in UTF-8 of at most {options.MaxBodyBytes} bytes, not compressed.",
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [MediaTypeNames.Application.Json] = new()
            {
                Schema = OrderBodySchema.Of(options),
                Examples = OrderBodySchema.Examples.ToDictionary(
                    example => example.Key, example => (IOpenApiExample)new OpenApiExample { Value = JsonNode.Parse(example.Value) },
                    StringComparer.Ordinal),
            },
        },
    };

    private static void DescribeAnswers(OpenApiOperation operation, PlaceOrderOptions options)
    {
        var correlationId = (HttpHeaders.CorrelationId, Text("The correlation id of the request, or the one that the order was given."));
        operation.Answer(
            StatusCodes.Status202Accepted, "The order is accepted.", ("Location", Text("Where the order is read.")), correlationId);
        operation.Answer(
            StatusCodes.Status400BadRequest, "The body is no order, or a header is wrong; errors names each wrong field.", correlationId);
        operation.Answer(StatusCodes.Status408RequestTimeout, "The body came too slowly.", correlationId);
        operation.Answer(
            StatusCodes.Status409Conflict, "Another order with this key is being placed at this moment.", Described.RetryAfter,
            correlationId);
        operation.Answer(StatusCodes.Status413PayloadTooLarge, $"The body has more than {options.MaxBodyBytes} bytes.", correlationId);
        operation.Answer(
            StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8, or it is compressed.", correlationId);
        operation.Answer(StatusCodes.Status422UnprocessableEntity, "The key belongs to another order, which came first.", correlationId);
        operation.Answer(
            StatusCodes.Status429TooManyRequests, "Too many orders are under way; this one was not accepted.", Described.RetryAfter,
            correlationId);
        operation.Answer(
            StatusCodes.Status503ServiceUnavailable,
            "More orders come than can be worked on, or the broker did not confirm the order; "
            + "outcome says whether it is surely not accepted (not_accepted) or may have been (unknown).",
            Described.RetryAfter,
            correlationId);
    }

    private static OpenApiHeader Text(string description) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
