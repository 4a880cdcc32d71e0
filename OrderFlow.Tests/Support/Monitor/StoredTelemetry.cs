using OrderFlow.Tests.Support.Postgres;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>What the Monitor's store holds of what services sent.</summary>
internal static class StoredTelemetry
{
    /// <summary>How many spans are stored, whichever rows they are in.</summary>
    public static Task<long> StoredSpansAsync(this TestDatabase database) =>
        database.ScalarAsync<long>("SELECT coalesce(sum(spans), 0)::bigint FROM traces WHERE NOT is_part");
}
