using Npgsql;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>What there is of an order's products, locked until the transaction ends.</summary>
internal sealed class Stock(bool orderExists, IReadOnlyDictionary<string, Product> products)
{
    private const string OrderIsThere = "SELECT EXISTS (SELECT FROM orders WHERE id = $1)";
    private const string Wanted = "SELECT id, price, currency, stock FROM products WHERE id = ANY ($1)";

    public bool OrderExists => orderExists;

    public Product? Find(string itemId) => products.GetValueOrDefault(itemId);

    public static async Task<Stock> LockAsync(NpgsqlConnection connection, NewOrder order, CancellationToken cancellationToken)
    {
        string[] items = [.. order.Lines.Select(line => line.ItemId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        // Each statement sees what was committed before it began, so these two see what the holder of the lock left behind.
        await using var batch = new NpgsqlBatch(connection).With(Sql.LockStock).With(OrderIsThere, Sql.Value(order.Id)).With(Wanted, Sql.Value(items));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var exists = reader.GetBoolean(0);
        await reader.NextResultAsync(cancellationToken);
        var products = new Dictionary<string, Product>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            products.Add(reader.GetString(0), new Product(reader.GetDecimal(1), reader.GetString(2), reader.GetInt64(3)));
        }

        return new Stock(exists, products);
    }
}

/// <summary>What the catalogue says of a product.</summary>
internal sealed record Product(decimal Price, string Currency, long InStock);
