using Npgsql;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>What there is of an order's products, locked until the transaction ends.</summary>
internal sealed class Stock(bool orderExists, IReadOnlyDictionary<string, Product> products)
{
    private const string OrderIsThere = "SELECT EXISTS (SELECT FROM orders WHERE id = $1)";
    private const string Wanted = "SELECT id, price, currency, stock FROM products WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    public bool OrderExists => orderExists;

    public Product? Find(string itemId) => products.GetValueOrDefault(itemId);

    public static async Task<Stock> LockAsync(
        NpgsqlConnection connection, StockLock stockLock, NewOrder order, CancellationToken cancellationToken)
    {
        string[] items = [.. order.Lines.Select(line => line.ItemId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

        // Each statement sees what was committed before it began, so these two see what the holder of a lock left behind.
        await using var batch =
            new NpgsqlBatch(connection).With(stockLock.Take).With(Wanted, Sql.Value(items)).With(OrderIsThere, Sql.Value(order.Id));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var products = new Dictionary<string, Product>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            products.Add(reader.GetString(0), new Product(reader.GetDecimal(1), reader.GetString(2), reader.GetInt64(3)));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Stock(reader.GetBoolean(0), products);
    }
}

/// <summary>What the catalogue says of a product.</summary>
internal sealed record Product(decimal Price, string Currency, long InStock);
