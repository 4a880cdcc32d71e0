namespace OrderFlow.Contracts;

/// <summary>Between <see cref="Money"/> on the wire and <see cref="decimal"/> in code.</summary>
public static class MoneyAmount
{
    private const decimal NanosPerUnit = 1_000_000_000m;

    /// <summary>The amount as a message. Digits beyond the ninth decimal are cut off.</summary>
    /// <exception cref="OverflowException">The whole part does not fit 64 bits.</exception>
    public static Money ToMoney(this decimal amount, string currency)
    {
        var units = decimal.Truncate(amount);
        return new Money
        {
            CurrencyCode = currency,
            Units = decimal.ToInt64(units),
            Nanos = decimal.ToInt32(decimal.Truncate((amount - units) * NanosPerUnit)),
        };
    }

    /// <summary>The amount as a number.</summary>
    public static decimal ToDecimal(this Money money) => money.Units + (money.Nanos / NanosPerUnit);
}
