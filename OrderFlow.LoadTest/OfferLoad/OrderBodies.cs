using System.Net.Http.Headers;
using System.Text.Json;

namespace OrderFlow.LoadTest.OfferLoad;

/// <summary>Orders to choose from, written once before the run so that the run itself writes none.</summary>
internal sealed class OrderBodies
{
    private const int Variants = 512;

    /// <summary>OrderService knows item-1 to item-100, with a stock that no load empties.</summary>
    private const int Products = 100;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly byte[][] _bodies;

    public OrderBodies(int seed)
    {
        var random = new Random(seed);
        _bodies = [.. Enumerable.Range(0, Variants).Select(_ => Write(random))];
    }

    public HttpContent For(long number) => new ByteArrayContent(_bodies[number % Variants]) { Headers = { ContentType = Json } };

    private static byte[] Write(Random random)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            for (var line = random.Next(1, 4); line > 0; line--)
            {
                json.WriteStartObject();
                json.WriteString("id", $"item-{random.Next(1, Products + 1)}");
                json.WriteNumber("quantity", random.Next(1, 6));
                json.WriteNumber("unitPrice", random.Next(100, 10_000) / 100m);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("userId", $"user-{random.Next(1, 10_000)}");
            json.WriteString("currency", "EUR");
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
