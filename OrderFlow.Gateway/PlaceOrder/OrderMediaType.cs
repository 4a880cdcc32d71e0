using Microsoft.Net.Http.Headers;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// Which bodies are read: JSON in UTF-8, not compressed. Names of types and codings have no case (RFC 9110, 8.3 and 8.4).
/// </summary>
internal static class OrderMediaType
{
    /// <summary>The coding that is none.</summary>
    public const string Plain = "identity";

    /// <summary>Whether the type is JSON, or ends in <c>+json</c>, and says no other charset than UTF-8.</summary>
    public static bool IsJson(string? contentType)
    {
        if (contentType is "application/json")
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
            && (type.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase) && !type.Suffix.HasValue
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the body is as it is.</summary>
    public static bool IsPlain(IHeaderDictionary headers) => headers.ContentEncoding.Count == 0
        || headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding)
            .All(coding => coding.Equals(Plain, StringComparison.OrdinalIgnoreCase));
}
