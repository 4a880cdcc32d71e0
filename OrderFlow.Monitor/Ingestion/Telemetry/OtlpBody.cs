using System.Buffers;
using System.IO.Compression;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// The bytes of a request, plain or with gzip, and never more than <see cref="Largest"/> of them, in an array that the pool has lent.
/// </summary>
internal sealed class OtlpBody : IDisposable
{
    /// <summary>4 MiB after decompression; a full batch of the SDK, 512 spans, has about 0.3 MiB.</summary>
    public const int Largest = 4 * 1024 * 1024;

    private const int Smallest = 16 * 1024;

    private byte[]? _lent;
    private int _length;

    private OtlpBody(int length) => _lent = ArrayPool<byte>.Shared.Rent(Math.Max(length + 1, Smallest));

    public ReadOnlyMemory<byte> Bytes => _lent.AsMemory(0, _length);

    /// <returns><see langword="null"/> when it is too large.</returns>
    /// <exception cref="InvalidDataException">It says gzip and is not.</exception>
    public static async Task<OtlpBody?> ReadAsync(HttpRequest request, bool zipped, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Largest)
        {
            return null;
        }

        await using var unzipped = zipped ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true) : null;
        var body = new OtlpBody((int)Math.Min(Largest, (request.ContentLength ?? 0) * (zipped ? 4 : 1)));
        try
        {
            // Not read to its end when there is too much: a few bytes of gzip can hold a gigabyte.
            while (await body.ReadSomeAsync(unzipped ?? request.Body, cancellationToken))
            {
                if (body._length > Largest)
                {
                    body.Dispose();
                    return null;
                }
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Hands the array to whoever gives it back to the pool from now on.</summary>
    public byte[]? Detach() => Interlocked.Exchange(ref _lent, null);

    public void Dispose()
    {
        if (Detach() is { } lent)
        {
            ArrayPool<byte>.Shared.Return(lent);
        }
    }

    private async Task<bool> ReadSomeAsync(Stream source, CancellationToken cancellationToken)
    {
        if (_length == _lent!.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_lent.Length * 2);
            _lent.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_lent);
            _lent = larger;
        }

        var read = await source.ReadAsync(_lent.AsMemory(_length), cancellationToken);
        _length += read;
        return read > 0;
    }
}
