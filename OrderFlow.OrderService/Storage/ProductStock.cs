using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;

namespace OrderFlow.OrderService.Storage;

/// <summary>Reserves stock and gives it back.</summary>
internal static class ProductStock
{
    // In one order everywhere, so that two transactions wait for each other in a row and never in a circle.
    private const string Lock = "SELECT FROM products WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    private const string Change = """
        UPDATE products SET stock = stock + change.quantity FROM unnest($1, $2) AS change (item_id, quantity)
        WHERE products.id = change.item_id
        """;

    /// <summary>
    /// Adds a change, product by product, to what is executed with the commit; the products are locked no longer than that takes. The
    /// table's constraint refuses one that would go below zero.
    /// </summary>
    public static void AddChange(IBatchTransaction transaction, Dictionary<string, long> changes)
    {
        if (changes.Count > 0)
        {
            string[] items = [.. changes.Keys];
            transaction.Add(Sql.Command(Lock, Sql.Value(items)));
            transaction.Add(Sql.Command(Change, Sql.Value(items), Sql.Value<long[]>([.. changes.Values])));
        }
    }
}
