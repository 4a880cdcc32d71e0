namespace OrderFlow.Cli.Ledgers;

/// <summary>What was accepted compared with what arrived.</summary>
/// <param name="Lost">Accepted orders that did not arrive.</param>
/// <param name="LostOrders">The ids of the first of them.</param>
/// <param name="ArrivedNotAccepted">Orders that arrived although they were not answered with 202, because their answer was lost.</param>
internal sealed record Reconciliation(long Lost, IReadOnlyList<Guid> LostOrders, long ArrivedNotAccepted);
