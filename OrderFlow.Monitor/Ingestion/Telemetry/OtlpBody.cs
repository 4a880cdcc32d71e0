using System.IO.Compression;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>The bytes of a request, plain or with gzip, and never more than <see cref="Largest"/> of them.</summary>
internal static class OtlpBody
{
    /// <summary>4 MiB after decompression; a full batch of the SDK, 512 spans, has about 0.3 MiB.</summary>
    public const int Largest = 4 * 1024 * 1024;

    /// <returns><see langword="null"/> when it is too large.</returns>
    /// <exception cref="InvalidDataException">It says gzip and is not.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, bool zipped, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Largest)
        {
            return null;
        }

        await using var unzipped = zipped ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true) : null;
        var source = unzipped ?? request.Body;
        // Not read to its end when there is too much: a few bytes of gzip can hold a gigabyte.
        using var memory = new MemoryStream((int)(zipped ? 0 : request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (memory.Length + read > Largest)
            {
                return null;
            }

            memory.Write(buffer, 0, read);
        }

        return memory.GetBuffer().AsMemory(0, (int)memory.Length);
    }
}
