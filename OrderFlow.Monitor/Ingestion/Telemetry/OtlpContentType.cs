using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// How the body of a request is written. Types and codings are names without case, and may have parameters (RFC 9110, 8.3 and 8.4).
/// </summary>
internal static class OtlpContentType
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = "application/json";

    /// <summary>What a 415 says is taken.</summary>
    public const string Types = $"{Protobuf}, {Json}";
    public const string Codings = "gzip, identity";

    public static bool IsProtobuf(HttpRequest request) => Is(request, Protobuf);

    public static bool IsJson(HttpRequest request) => Is(request, Json);

    /// <summary>Whether a type is taken; JSON is UTF-8 and says nothing else.</summary>
    public static bool KnowsType(HttpRequest request) => IsProtobuf(request) || (IsJson(request)
        && MediaTypeHeaderValue.Parse(request.ContentType).Charset is var charset
        && (!charset.HasValue || HeaderUtilities.RemoveQuotes(charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether the body is compressed; <see langword="null"/> when it is coded in a way that is not known.</summary>
    public static bool? IsZipped(HttpRequest request)
    {
        var codings = request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding)
            .Where(coding => !Equals(coding, "identity"))
            .ToList();
        return codings switch
        {
            [] => false,
            [var one] when Equals(one, "gzip") || Equals(one, "x-gzip") => true,
            _ => null,
        };
    }

    private static bool Is(HttpRequest request, string type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var given) && Equals(given.MediaType, type);

    private static bool Equals(StringSegment text, string other) => text.Equals(other, StringComparison.OrdinalIgnoreCase);
}
