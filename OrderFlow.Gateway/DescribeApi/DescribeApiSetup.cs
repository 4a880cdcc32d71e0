using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace OrderFlow.Gateway.DescribeApi;

/// <summary>
/// The API in the words of OpenAPI, at <c>/openapi/v1.json</c>, and a page to read it and try it out, at <c>/scalar</c>.
/// </summary>
/// <remarks>What each endpoint takes and answers is described beside it.</remarks>
internal static class DescribeApiSetup
{
    private const string Title = "OrderFlow orders";

    public static void AddApiDescription(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<DescribeApiOptions>().BindConfiguration(DescribeApiOptions.Section).ValidateOnStart();
        // Otherwise every number is described as "a number, or text that holds one".
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        builder.Services.AddOpenApi(api => api.AddDocumentTransformer(Introduce).AddSchemaTransformer(LeaveNullsOut));
    }

    public static void MapApiDescription(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<DescribeApiOptions>>().Value.Enabled ?? app.Environment.IsDevelopment())
        {
            app.MapOpenApi().DisableHttpMetrics();
            // Everything the page needs comes from here: no fonts, no assistant, no proxy, no usage reports of another host.
            app.MapScalarApiReference("/scalar", page => page
                .WithTitle(Title)
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp()
                .HideClientButton()
                .HideDeveloperTools())
                .DisableHttpMetrics();
        }
    }

    private static Task Introduce(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = Title;
        document.Info.Version = "1";
        document.Info.Description =
            "Places orders and tells where they stand. "
            + "An order is accepted when the broker has confirmed it; what becomes of it is told later.";
        return Task.CompletedTask;
    }

    /// <summary>No answer holds a null: what has no value is not there.</summary>
    private static Task LeaveNullsOut(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (property is OpenApiSchema { Type: { } type } inline && type.HasFlag(JsonSchemaType.Null))
            {
                inline.Type = type & ~JsonSchemaType.Null;
                schema.Required?.Remove(name);
            }
        }

        return Task.CompletedTask;
    }
}
