namespace OrderFlow.Cli.Ledgers;

/// <summary>What an order asks for.</summary>
/// <param name="Pieces">How many of which product.</param>
/// <param name="IsForUnknownProduct">Whether a product of it does not exist, so that the order must be rejected.</param>
internal sealed record OrderContent(IReadOnlyDictionary<string, int> Pieces, bool IsForUnknownProduct);
