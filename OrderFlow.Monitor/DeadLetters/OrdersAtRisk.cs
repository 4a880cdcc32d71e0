namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The orders that wait in dead letters, each counted once, and what they are worth.</summary>
/// <param name="Orders">How many.</param>
/// <param name="Value">Their value, currency by currency.</param>
/// <param name="ValueUnknown">Of the orders those whose value is not known; they are not in <paramref name="Value"/>.</param>
public sealed record OrdersAtRisk(int Orders, IReadOnlyList<CurrencyAmount> Value, int ValueUnknown)
{
    internal static OrdersAtRisk Of(IReadOnlySet<string> orders, IReadOnlyDictionary<string, CurrencyAmount> values)
    {
        var known = orders.Select(order => values.GetValueOrDefault(order)).OfType<CurrencyAmount>().ToList();
        return new OrdersAtRisk(
            orders.Count,
            [.. known
                .GroupBy(value => value.Currency, StringComparer.Ordinal)
                .Select(one => new CurrencyAmount(one.Key, one.Sum(value => value.Amount)))
                .OrderByDescending(one => one.Amount)],
            orders.Count - known.Count);
    }
}

/// <summary>An amount of money.</summary>
/// <param name="Currency">ISO 4217, three letters.</param>
/// <param name="Amount">In units of the currency.</param>
public sealed record CurrencyAmount(string Currency, decimal Amount);
