using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>
/// What there is of the products of some orders, less what they have taken so far. Others may take from it until the orders are written:
/// then the table's constraint refuses them, and each is tried again alone, with its products locked.
/// </summary>
internal sealed class Stock(HashSet<Guid> orders, Dictionary<string, Product> products)
{
    private const string OrdersThatAreThere = "SELECT id FROM orders WHERE id = ANY ($1)";
    private const string Wanted = "SELECT id, price, currency, stock FROM products WHERE id = ANY ($1)";
    private const string WantedAndLocked = Wanted + " ORDER BY id FOR UPDATE";

    public Product? Find(string itemId) => products.GetValueOrDefault(itemId);

    /// <summary>Notes that the order is placed; <see langword="false"/> when it was already.</summary>
    public bool TryPlace(NewOrder order) => orders.Add(order.Id);

    /// <summary>Takes what an order wants.</summary>
    public void Take(NewOrder order)
    {
        foreach (var line in order.Lines)
        {
            products[line.ItemId] = products[line.ItemId] with { InStock = products[line.ItemId].InStock - line.Quantity };
        }
    }

    public static async Task<Stock> ReadAsync(
        IBatchTransaction transaction, IEnumerable<NewOrder> orders, CancellationToken cancellationToken)
    {
        var wanted = orders.ToList();
        string[] items = [.. wanted.SelectMany(order => order.Lines).Select(line => line.ItemId).Distinct(StringComparer.Ordinal)];

        // Each statement sees what was committed before it began, so the second one sees what the holder of a lock left behind.
        await using var reader = await transaction.QueryAsync(
            [
                Sql.Command(transaction.IsRetry ? WantedAndLocked : Wanted, Sql.Value(items)),
                Sql.Command(OrdersThatAreThere, Sql.Value<Guid[]>([.. wanted.Select(order => order.Id)])),
            ],
            cancellationToken);
        var products = new Dictionary<string, Product>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            products.Add(reader.GetString(0), new Product(reader.GetDecimal(1), reader.GetString(2), reader.GetInt64(3)));
        }

        await reader.NextResultAsync(cancellationToken);
        var there = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            there.Add(reader.GetGuid(0));
        }

        return new Stock(there, products);
    }
}

/// <summary>What the catalogue says of a product.</summary>
internal sealed record Product(decimal Price, string Currency, long InStock);
