using Microsoft.Net.Http.Headers;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Which bodies are read: JSON in UTF-8, not compressed.</summary>
internal static class OrderMediaType
{
    public static bool IsAccepted(HttpRequest request) =>
        IsJson(request.ContentType) && IsPlain(request.Headers.ContentEncoding);

    private static bool IsJson(string? contentType)
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

    private static bool IsPlain(Microsoft.Extensions.Primitives.StringValues encoding) =>
        encoding.Count == 0 || (encoding.Count == 1 && string.Equals(encoding[0], "identity", StringComparison.OrdinalIgnoreCase));
}
