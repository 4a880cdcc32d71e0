namespace OrderFlow.Benchmarks.Services.Durable;

/// <summary>A database per service on the one server.</summary>
internal static class DatabaseNames
{
    public const string Orders = "orders";
    public const string Payments = "payments";
    public const string Notifications = "notifications";
}
