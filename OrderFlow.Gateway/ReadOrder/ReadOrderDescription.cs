using Microsoft.OpenApi;
using OrderFlow.Contracts.Http;
using OrderFlow.Gateway.DescribeApi;

namespace OrderFlow.Gateway.ReadOrder;

/// <summary>Describes <c>GET /orders/{id}</c>.</summary>
internal static class ReadOrderDescription
{
    public static RouteHandlerBuilder DescribeReadOrder(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("ReadOrder")
        .WithTags("Orders")
        .WithSummary("Tells where an order stands")
        .WithDescription("Status, lines and history of an order, at the address that Location named when it was accepted.")
        .Produces<PlacedOrder>()
        .ProducesProblems(StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var id = (OpenApiParameter)operation.Parameters!.Single(parameter => parameter.Name == "id");
            id.Description = "The order's id.";
            id.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
            operation.Answer(StatusCodes.Status200OK, "The order.");
            operation.Answer(
                StatusCodes.Status404NotFound, "There is no such order. One that was accepted just now may take a moment to be stored.");
            operation.Answer(StatusCodes.Status503ServiceUnavailable, "Orders cannot be read at the moment.", Described.RetryAfter);
            return Task.CompletedTask;
        });
}
