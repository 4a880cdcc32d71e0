namespace OrderFlow.OrderService.Storage;

/// <summary>Where an order stands, as its row and <c>GET /orders/{id}</c> say it.</summary>
internal static class OrderStatus
{
    /// <summary>Stored, its stock reserved, its payment requested.</summary>
    public const string AwaitingPayment = "awaiting_payment";

    /// <summary>Paid. An end.</summary>
    public const string Completed = "completed";

    /// <summary>Not to be fulfilled; nothing is reserved. An end.</summary>
    public const string Rejected = "rejected";

    /// <summary>In the history only: the payment was approved after the rejection.</summary>
    public const string RefundRequested = "refund_requested";

    /// <summary>In the history only: the customer has the money back.</summary>
    public const string Refunded = "refunded";

    /// <summary>In the history only: the payment was declined after it had timed out.</summary>
    public const string PaymentDeclined = "payment_declined";
}
