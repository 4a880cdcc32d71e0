namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>What an order may hold, where no deployment needs another limit.</summary>
internal static class OrderRules
{
    public const int MaxItemIdLength = 64;
    public const int MaxUserIdLength = 128;
    public const int MaxCorrelationIdLength = 128;
    public const int MaxTenantIdLength = 128;
    public const int MinQuantity = 1;
    public const int MaxQuantity = 10_000;
}
