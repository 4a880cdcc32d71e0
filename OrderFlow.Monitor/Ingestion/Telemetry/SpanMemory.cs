namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Holds the bytes of spans whose traces are not decided, in blocks that are used again: thousands of small arrays that live for some
/// seconds each are the dearest that a garbage collector can get. Of one thread.
/// </summary>
internal sealed class SpanMemory
{
    /// <summary>Below the size from which arrays are collected with the oldest objects only.</summary>
    private const int BlockSize = 80 * 1024;

    /// <summary>Blocks that are kept for later use; 20 MiB.</summary>
    private const int MostFree = 256;

    private readonly Stack<Block> _free = [];
    private Block _current = new(BlockSize);

    /// <summary>Copies bytes in.</summary>
    public Part Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BlockSize - _current.Used)
        {
            var full = _current;
            _current = bytes.Length > BlockSize ? new Block(bytes.Length) : _free.TryPop(out var free) ? free : new Block(BlockSize);
            Recycle(full);
        }

        var part = new Part(_current, _current.Used, bytes.Length);
        bytes.CopyTo(_current.Bytes.AsSpan(_current.Used));
        _current.Used += bytes.Length;
        _current.Parts++;
        return part;
    }

    /// <summary>Gives back what <see cref="Add"/> returned.</summary>
    public void Release(Part part)
    {
        part.Block.Parts--;
        Recycle(part.Block);
    }

    private void Recycle(Block block)
    {
        if (block.Parts == 0 && block != _current && block.Bytes.Length == BlockSize && _free.Count < MostFree)
        {
            block.Used = 0;
            _free.Push(block);
        }
    }

    /// <summary>A run of bytes in a block.</summary>
    internal readonly record struct Part(Block Block, int At, int Length)
    {
        public ReadOnlyMemory<byte> Bytes => Block.Bytes.AsMemory(At, Length);
    }

    /// <summary>An array, and how much of it is in use.</summary>
    internal sealed class Block(int size)
    {
        public byte[] Bytes { get; } = new byte[size];

        public int Used { get; set; }

        public int Parts { get; set; }
    }
}
