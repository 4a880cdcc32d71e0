namespace OrderFlow.Benchmarks.Measuring.Samples;

/// <summary>What a database server has done so far; the difference of two is what a load has caused.</summary>
/// <param name="Commits">Transactions that changed something, of all databases.</param>
/// <param name="Transactions">All transactions, those that only read included.</param>
/// <param name="WalBytes">Bytes of the write-ahead log.</param>
/// <param name="WalSyncs">How often the write-ahead log was brought to the disk.</param>
public sealed record ServerCounters(long Commits, long Transactions, long WalBytes, long WalSyncs);
