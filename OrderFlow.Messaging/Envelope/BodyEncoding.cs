using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace OrderFlow.Messaging.Envelope;

/// <summary>Compresses bodies, and reads them as their AMQP property <c>content-encoding</c> says: gzip, or nothing.</summary>
public static class BodyEncoding
{
    public const string Gzip = "gzip";

    /// <summary>
    /// Bytes that a compressed body may have when it is decompressed, as many as RabbitMQ takes of a plain one: a bomb ends here.
    /// </summary>
    public const int LargestBody = 16 * 1024 * 1024;

    /// <summary>Header and trailer (RFC 1952).</summary>
    private const int LeastGzip = 18;

    /// <summary>Deflate makes a byte of no more than these, so what promises more is corrupt and gets no memory.</summary>
    private const int BestRatio = 1032;

    /// <summary>The same body in fewer bytes; <see langword="null"/> when it does not get smaller, or nobody would read it.</summary>
    internal static ReadOnlyMemory<byte>? Compress(ReadOnlySpan<byte> body)
    {
        if (body.Length > LargestBody)
        {
            return null;
        }

        var target = new MemoryStream(body.Length);
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return target.Length < body.Length ? target.GetBuffer().AsMemory(0, (int)target.Length) : (ReadOnlyMemory<byte>?)null;
    }

    /// <summary>Reads a body, whatever comes.</summary>
    /// <param name="encoding">AMQP property <c>content-encoding</c>.</param>
    /// <param name="body">The body as it came.</param>
    /// <param name="decoded">The body without the encoding; the same memory when it has none.</param>
    /// <param name="problem">Why it cannot be read.</param>
    /// <param name="most">Bytes that a compressed body may have when it is decompressed.</param>
    public static bool TryDecode(
        string? encoding, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> decoded, [NotNullWhen(false)] out string? problem,
        int most = LargestBody)
    {
        decoded = body;
        problem = null;
        if (string.IsNullOrEmpty(encoding) || Is("identity"))
        {
            return true;
        }

        // The same by another name (RFC 9110, 8.4.1.3).
        problem = Is(Gzip) || Is("x-gzip")
            ? Decompress(body, most, out decoded)
            : $"its content encoding is '{TextCut.ToUnits(encoding, 100, "…")}', neither {Gzip} nor identity";
        return problem is null;

        bool Is(string name) => string.Equals(encoding, name, StringComparison.OrdinalIgnoreCase);
    }

    private static string? Decompress(ReadOnlyMemory<byte> body, int most, out ReadOnlyMemory<byte> decoded)
    {
        decoded = body;
        // How many bytes it makes stands at its end. It is believed for the memory only: what makes more or fewer is refused. The stream
        // alone does not say that its end is missing.
        var size = body.Length < LeastGzip ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(body.Span[^4..]);
        if (body.Length < LeastGzip || size > (long)body.Length * BestRatio)
        {
            return "its gzip body is truncated or corrupt";
        }

        if (size > most)
        {
            return $"its body has {size} bytes when it is decompressed, at most {most} are read";
        }

        var target = new byte[size];
        var segment = MemoryMarshal.TryGetArray(body, out var found) ? found : new ArraySegment<byte>(body.ToArray());
        using var gzip = new GZipStream(
            new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false), CompressionMode.Decompress);
        try
        {
            if (gzip.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length || gzip.ReadByte() >= 0)
            {
                return $"its gzip body is truncated or corrupt: it does not have the {size} bytes that it says";
            }
        }
        catch (InvalidDataException exception)
        {
            return $"its gzip body is truncated or corrupt: {exception.Message}";
        }

        decoded = target;
        return null;
    }
}
