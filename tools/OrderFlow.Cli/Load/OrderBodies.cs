using System.Net.Http.Headers;

namespace OrderFlow.Cli.Load;

/// <summary>Orders to choose from, written once before the run so that the run itself writes none.</summary>
internal sealed class OrderBodies
{
    private const int Variants = 512;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly byte[][] _bodies;

    public OrderBodies(int seed)
    {
        var random = new Random(seed);
        _bodies = [.. Enumerable.Range(0, Variants).Select(_ => Write(random))];
    }

    public HttpContent For(long number) => new ByteArrayContent(_bodies[number % Variants]) { Headers = { ContentType = Json } };

    private static byte[] Write(Random random) => OrderJson.Write(
        $"user-{random.Next(1, 10_000)}",
        [
            .. Enumerable.Range(0, random.Next(1, 4)).Select(
                _ => ($"item-{random.Next(1, OrderJson.Products + 1)}", random.Next(1, 6), (decimal?)random.Next(100, 10_000) / 100m)),
        ]);
}
