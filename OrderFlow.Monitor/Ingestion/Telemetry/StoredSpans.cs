using System.Buffers;
using System.IO.Compression;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// The spans of a row: OTLP's own request, <c>ExportTraceServiceRequest</c>, compressed with Brotli. What services sent is stored byte for
/// byte, so nothing is lost that is not shown yet.
/// </summary>
internal static class StoredSpans
{
    /// <summary>Half the time of 4, for a sixth more bytes.</summary>
    private const int Quality = 1;
    private const int Window = 20;

    private const int LargestUnpacked = 64 * 1024 * 1024;

    public static byte[] Pack(IReadOnlyList<BufferedSpan> spans)
    {
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        foreach (var sent in spans.GroupBy(span => span.Sender))
        {
            var records = sent.Sum(span => Sized(span.Part.Length));
            var ofScope = Sized(sent.Key.Scope.Length) + records;
            Head(output, ExportTraceRequest.ResourceSpansFieldNumber, Sized(sent.Key.Resource.Length) + Sized(ofScope));
            Field(output, ResourceSpans.ResourceFieldNumber, sent.Key.Resource);
            Head(output, ResourceSpans.ScopeSpansFieldNumber, ofScope);
            Field(output, ScopeSpans.ScopeFieldNumber, sent.Key.Scope);
            foreach (var span in sent)
            {
                Field(output, ScopeSpans.SpansFieldNumber, span.Part.Bytes.Span);
            }
        }

        return Compress(output.WrittenSpan);
    }

    /// <summary>The request that was packed.</summary>
    public static ExportTraceRequest Unpack(byte[] data) => ExportTraceRequest.Parser.ParseFrom(Decompress(data));

    private static byte[] Decompress(byte[] data)
    {
        using var source = new MemoryStream(data, writable: false);
        using var brotli = new BrotliStream(source, CompressionMode.Decompress);
        using var target = new MemoryStream(data.Length * 6);
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            int read;
            while ((read = brotli.Read(buffer)) > 0)
            {
                target.Write(buffer, 0, read);
                if (target.Length > LargestUnpacked)
                {
                    throw new InvalidDataException($"A stored trace has more than {LargestUnpacked} bytes; no Monitor has stored that.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return target.ToArray();
    }

    private static byte[] Compress(ReadOnlySpan<byte> plain)
    {
        var lent = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(plain.Length));
        try
        {
            return BrotliEncoder.TryCompress(plain, lent, out var length, Quality, Window)
                ? lent.AsSpan(0, length).ToArray()
                : throw new InvalidOperationException($"{plain.Length} bytes could not be compressed into {lent.Length}.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lent);
        }
    }

    private static void Field(ArrayBufferWriter<byte> output, int number, ReadOnlySpan<byte> value)
    {
        Head(output, number, value.Length);
        output.Write(value);
    }

    /// <summary>A field that has a length, up to its value; every number here is below 16.</summary>
    private static void Head(ArrayBufferWriter<byte> output, int number, int length)
    {
        var span = output.GetSpan(6);
        span[0] = (byte)((number << 3) | 2);
        var at = 1;
        for (var rest = (uint)length; ; rest >>= 7)
        {
            span[at++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
            {
                break;
            }
        }

        output.Advance(at);
    }

    /// <summary>Bytes of a field with a value of so many.</summary>
    private static int Sized(int length) =>
        1 + length + length switch { < 1 << 7 => 1, < 1 << 14 => 2, < 1 << 21 => 3, < 1 << 28 => 4, _ => 5 };
}
