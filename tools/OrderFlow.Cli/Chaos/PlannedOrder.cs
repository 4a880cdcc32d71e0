using OrderFlow.Cli.Ledgers;
using OrderFlow.Cli.Load;

namespace OrderFlow.Cli.Chaos;

/// <summary>One of them.</summary>
/// <param name="UserId">Who orders.</param>
/// <param name="UnitPrice">The price that the customer was quoted for each piece; <see langword="null"/> for the catalogue's.</param>
/// <param name="Content">What is ordered.</param>
internal sealed record PlannedOrder(string UserId, decimal? UnitPrice, OrderContent Content)
{
    public byte[] ToJson() => OrderJson.Write(UserId, Content.Pieces.Select(line => (line.Key, line.Value, UnitPrice)));
}
