using System.Text;

namespace OrderFlow.Benchmarks.Measuring.Load;

/// <summary>The requests of a load, written once: an order of two pieces of one product, of a hundred products at random.</summary>
internal sealed class OrderRequests(int port)
{
    private const int Products = 100;

    private readonly byte[][] _requests = [.. Enumerable.Range(1, Products).Select(product => Write(product, port))];

    /// <summary>Any of them, from any thread.</summary>
    public byte[] Next() => _requests[Random.Shared.Next(Products)];

    private static byte[] Write(int product, int port)
    {
        var body = $$"""{"items":[{"id":"item-{{product}}","quantity":2}],"userId":"user-123"}""";
        return Encoding.ASCII.GetBytes(
            $"POST /orders HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}");
    }
}
