using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Tests.Support.Benchmarks;

/// <summary>Compresses and decompresses the body of an event as publishers and consumers do.</summary>
public static class CompressedBody
{
    /// <returns><see langword="null"/> when it does not get smaller.</returns>
    public static ReadOnlyMemory<byte>? Compress(byte[] body) => BodyEncoding.Compress(body);

    public static bool TryDecompress(ReadOnlyMemory<byte> body) => BodyEncoding.TryDecode(BodyEncoding.Gzip, body, out _, out _);
}
