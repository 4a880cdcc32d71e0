using OrderFlow.Contracts;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>Whether an order can be fulfilled, and what it costs.</summary>
/// <remarks><see cref="Prices"/>: the price of one piece, line by line; <see langword="null"/> where there is none.
/// <see cref="Rejection"/>: why it cannot be fulfilled; <see langword="null"/> when it can.</remarks>
internal sealed record Decision(string Currency, decimal Total, IReadOnlyList<decimal?> Prices, Rejection? Rejection)
{
    public static Decision On(NewOrder order, Stock stock)
    {
        // A customer pays what they were quoted, or what the catalogue says now.
        var currency = order.Currency
            ?? order.Lines.Select(line => stock.Find(line.ItemId)?.Currency).FirstOrDefault(found => found is not null) ?? "EUR";
        decimal?[] prices = [
            .. order.Lines.Select(line =>
                line.NamedPrice ?? (stock.Find(line.ItemId) is { } product && product.Currency == currency ? product.Price : null))];
        var total = order.Lines.Zip(prices, (line, price) => line.Quantity * (price ?? 0)).Sum();
        return new Decision(currency, total, prices, Reject(order, stock, prices, currency));
    }

    private static Rejection? Reject(NewOrder order, Stock stock, decimal?[] prices, string currency)
    {
        foreach (var line in order.Lines.Where(line => stock.Find(line.ItemId) is null))
        {
            return new Rejection(RejectionReasons.UnknownProduct, $"There is no product '{line.ItemId}'.");
        }

        foreach (var wanted in order.Lines.GroupBy(line => line.ItemId, line => (long)line.Quantity, StringComparer.Ordinal))
        {
            if (stock.Find(wanted.Key)!.InStock < wanted.Sum())
            {
                return new Rejection(RejectionReasons.OutOfStock, $"There are not {wanted.Sum()} of '{wanted.Key}' left.");
            }
        }

        foreach (var (line, _) in order.Lines.Zip(prices).Where(line => line.Second is null))
        {
            return new Rejection(RejectionReasons.NoPrice, $"'{line.ItemId}' has no price in {currency}.");
        }

        return null;
    }
}

/// <summary>Why an order is rejected: a word, and a sentence.</summary>
internal sealed record Rejection(string Reason, string Detail);
