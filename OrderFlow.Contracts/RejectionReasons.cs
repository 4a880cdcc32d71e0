namespace OrderFlow.Contracts;

/// <summary>Why an order is rejected: the values of <c>order.rejected</c>'s reason, and of a metric's label.</summary>
public static class RejectionReasons
{
    public const string UnknownProduct = "unknown_product";
    public const string OutOfStock = "out_of_stock";

    /// <summary>The order is in a currency in which a product without a named price has none.</summary>
    public const string NoPrice = "no_price";

    public const string PaymentDeclined = "payment_declined";

    /// <summary>The payment had no answer in time.</summary>
    public const string PaymentTimeout = "payment_timeout";
}
