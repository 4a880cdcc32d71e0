using System.Text.Json;

namespace OrderFlow.Cli.Load;

/// <summary>Writes the body of <c>POST /orders</c>.</summary>
internal static class OrderJson
{
    /// <summary>OrderService knows item-1 to item-100, with a stock that no load empties.</summary>
    public const int Products = 100;

    /// <param name="userId">Who orders.</param>
    /// <param name="lines">What, how many, and the price that the customer was quoted for each piece, if there was one.</param>
    public static byte[] Write(string userId, IEnumerable<(string Item, int Quantity, decimal? UnitPrice)> lines)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var (item, quantity, unitPrice) in lines)
            {
                json.WriteStartObject();
                json.WriteString("id", item);
                json.WriteNumber("quantity", quantity);
                if (unitPrice is { } price)
                {
                    json.WriteNumber("unitPrice", price);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("userId", userId);
            json.WriteString("currency", "EUR");
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
