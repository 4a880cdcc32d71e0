using OrderFlow.Cli.Accounts;

namespace OrderFlow.Cli.Verification;

/// <summary>One order as its customer knows it.</summary>
/// <param name="CorrelationId">Finds it in the databases, even when its answer, and with it its id, was lost.</param>
/// <param name="Fate">What the Gateway said in the end.</param>
/// <param name="OrderId">Its id, when it is accepted.</param>
/// <param name="Content">What was ordered.</param>
internal sealed record KnownOrder(string CorrelationId, OrderFate Fate, Guid OrderId, OrderContent Content);

/// <summary>What an order asks for.</summary>
/// <param name="Pieces">How many of which product.</param>
/// <param name="IsForUnknownProduct">Whether a product of it does not exist, so that the order must be rejected.</param>
internal sealed record OrderContent(IReadOnlyDictionary<string, int> Pieces, bool IsForUnknownProduct);
