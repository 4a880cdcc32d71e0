using OrderFlow.Contracts;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Reads <c>X-Correlation-ID</c>: the client's own id for the flow, if it has one.</summary>
internal static class CorrelationHeader
{
    /// <summary>Whether the header is absent or usable. What is not usable is never copied anywhere.</summary>
    public static bool TryRead(IHeaderDictionary headers, out string? correlationId)
    {
        var values = headers[HttpHeaders.CorrelationId];
        correlationId = values.Count == 1 ? values[0] : null;
        if (values.Count == 0)
        {
            return true;
        }

        if (correlationId is { Length: >= 1 and <= OrderRules.MaxCorrelationIdLength } && VisibleText.IsAscii(correlationId))
        {
            return true;
        }

        correlationId = null;
        return false;
    }
}
