using OrderFlow.Contracts;

namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>
/// Reads <c>X-Tenant-ID</c>: whose order it is where several organisations share the system. It is believed; who must prove it is for what
/// stands before the Gateway.
/// </summary>
internal static class TenantHeader
{
    /// <summary>Whether the header is absent or usable. What is not usable is never copied anywhere.</summary>
    public static bool TryRead(IHeaderDictionary headers, out string? tenantId)
    {
        var values = headers[HttpHeaders.TenantId];
        tenantId = values.Count == 1 ? values[0] : null;
        if (values.Count == 0 || (tenantId is { Length: <= OrderRules.MaxTenantIdLength } && VisibleText.Is(tenantId)))
        {
            return true;
        }

        tenantId = null;
        return false;
    }
}
