namespace OrderFlow.Contracts;

/// <summary>The databases of the system, as their connection strings are called.</summary>
public static class DatabaseNames
{
    /// <summary>The database of OrderService.</summary>
    public const string Orders = "orders";

    /// <summary>The database of PaymentService.</summary>
    public const string Payments = "payments";

    /// <summary>The database of NotificationService.</summary>
    public const string Notifications = "notifications";

    /// <summary>The database of the Monitor.</summary>
    public const string Events = "events";
}
