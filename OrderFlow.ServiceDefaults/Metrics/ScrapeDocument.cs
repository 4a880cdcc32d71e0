using System.IO.Compression;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>The latest document of one format; its memory is used again by the next.</summary>
internal sealed class ScrapeDocument(ExpositionFormat format) : IDisposable
{
    private readonly MemoryStream _compressed = new();

    public ExpositionFormat Format => format;

    public ScrapeBuffer Buffer { get; } = new();

    /// <summary>When its collection began, a timestamp of the <see cref="TimeProvider"/>; null when there is none to share.</summary>
    public long? Began { get; private set; }

    public void Begin(long now)
    {
        Began = now;
        _compressed.SetLength(0);
    }

    /// <summary>Marks the document as unusable.</summary>
    public void Fail() => Began = null;

    /// <summary>The document as gzip; compressed once, however many ask.</summary>
    public ReadOnlySpan<byte> Compressed()
    {
        if (_compressed.Length == 0)
        {
            using var gzip = new GZipStream(_compressed, CompressionLevel.Fastest, leaveOpen: true);
            gzip.Write(Buffer.Written);
        }

        return _compressed.GetBuffer().AsSpan(0, (int)_compressed.Length);
    }

    public void Dispose() => _compressed.Dispose();
}
