using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;

namespace OrderFlow.Cli.Chaos;

/// <summary>What each order of the run asks for; follows from seed and number alone, so that nothing has to be remembered.</summary>
internal sealed class PlannedOrders(int seed, double unknownShare)
{
    public PlannedOrder Of(long number)
    {
#pragma warning disable CA5394 // The same orders for the same seed.
        var random = new Random(unchecked((seed * 397) ^ ((int)number * 7919)));
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var line = random.Next(1, 4); line > 0; line--)
        {
            pieces[$"item-{random.Next(1, OrderJson.Products + 1)}"] = random.Next(1, 6);
        }

        var unknown = random.NextDouble() < unknownShare;
        if (unknown)
        {
            pieces[$"no-such-item-{random.Next(1, 1000)}"] = 1;
        }

        decimal? price = random.Next(2) == 0 ? random.Next(100, 10_000) / 100m : null;
        return new PlannedOrder($"user-{random.Next(1, 10_000)}", price, new OrderContent(pieces, unknown));
#pragma warning restore CA5394
    }
}
