using System.Globalization;
using Microsoft.OpenApi;
using OrderFlow.Gateway.Problems;

namespace OrderFlow.Gateway.DescribeApi;

/// <summary>The parts that the descriptions of several endpoints have in common.</summary>
internal static class Described
{
    /// <summary>Visible ASCII, 0x21 to 0x7E.</summary>
    public const string VisibleAscii = "^[!-~]+$";

    /// <summary>Text that <c>VisibleText</c> takes, as far as a pattern can say it.</summary>
    public const string VisibleText = @"^[^\u0000-\u001F\u007F]*[^\s\u0000-\u001F\u007F][^\u0000-\u001F\u007F]*$";

    /// <summary>A request header that may be left out.</summary>
    public static OpenApiParameter Header(string name, string description, string pattern, int? maxLength = null) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = maxLength, Pattern = pattern },
    };

    /// <summary>The endpoint may answer with problem details of these statuses.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<Problem>(status, Problem.ContentType);
        }

        return endpoint;
    }

    /// <summary>Says when an answer is given, and which headers it has.</summary>
    public static void Answer(
        this OpenApiOperation operation, int status, string description, params (string Name, OpenApiHeader Header)[] headers)
    {
        var answer = (OpenApiResponse)operation.Responses![status.ToString(CultureInfo.InvariantCulture)];
        answer.Description = description;
        foreach (var (name, header) in headers)
        {
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>();
            answer.Headers[name] = header;
        }
    }

    public static (string Name, OpenApiHeader Header) RetryAfter { get; } = (
        "Retry-After",
        new OpenApiHeader
        {
            Description = "After how many seconds it is worth trying again.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
        });
}
