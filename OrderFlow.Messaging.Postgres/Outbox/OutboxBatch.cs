using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// The events of a transaction as one row of the table <c>outbox_batches</c> holds them: a byte for the version, four for the length of the
/// rest (the lowest first), and that, compressed with Brotli: of each event its id (16 bytes), its wire type, its
/// <see cref="StoredContext"/> and its body, each of these behind its length.
/// </summary>
internal static class OutboxBatch
{
    private const byte Version = 1;
    private const int Head = 1 + sizeof(int);
    private const int IdBytes = 16;
    private const int Longest = 256 * 1024 * 1024;
    private const int Quality = 1;
    private const int Window = 18;

    public static byte[] Write(IReadOnlyCollection<OutboxRow> rows)
    {
        using var plain = new MemoryStream(rows.Count * 1024);
        using (var writer = new BinaryWriter(plain, Encoding.UTF8, leaveOpen: true))
        {
            Span<byte> id = stackalloc byte[IdBytes];
            foreach (var row in rows)
            {
                row.EventId.TryWriteBytes(id, bigEndian: true, out _);
                writer.Write(id);
                Write(writer, Encoding.UTF8.GetBytes(row.WireType));
                Write(writer, row.Context);
                Write(writer, row.Body);
            }
        }

        var length = (int)plain.Length;
        var lent = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(length) + Head);
        try
        {
            lent[0] = Version;
            BinaryPrimitives.WriteInt32LittleEndian(lent.AsSpan(1), length);
            return BrotliEncoder.TryCompress(plain.GetBuffer().AsSpan(0, length), lent.AsSpan(Head), out var written, Quality, Window)
                ? lent.AsSpan(0, written + Head).ToArray()
                : throw new InvalidOperationException($"{length} bytes could not be compressed into {lent.Length}.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lent);
        }
    }

    /// <param name="data">The row's.</param>
    /// <param name="count">How many events it is to hold.</param>
    /// <exception cref="InvalidDataException">It is not what this version writes.</exception>
    public static List<OutboxRow> Read(byte[] data, int count)
    {
        var length = data.Length < Head || data[0] != Version ? -1 : BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(1));
        if (length is < 0 or > Longest)
        {
            throw new InvalidDataException("It does not begin as a batch of events does.");
        }

        var plain = new byte[length];
        if (!BrotliDecoder.TryDecompress(data.AsSpan(Head), plain, out var written) || written != length)
        {
            throw new InvalidDataException($"Of {length} bytes there are {written}.");
        }

        var rows = new List<OutboxRow>();
        for (var rest = new ReadOnlySpan<byte>(plain); rest.Length > 0;)
        {
            var id = new Guid(Part(ref rest, IdBytes), bigEndian: true);
            var wireType = Encoding.UTF8.GetString(Part(ref rest, Length(ref rest)));
            var context = Part(ref rest, Length(ref rest)).ToArray();
            rows.Add(new OutboxRow(id, wireType, context, Part(ref rest, Length(ref rest)).ToArray()));
        }

        return rows.Count == count ? rows : throw new InvalidDataException($"Of {count} events there are {rows.Count}.");
    }

    private static void Write(BinaryWriter writer, byte[] part)
    {
        writer.Write(part.Length);
        writer.Write(part);
    }

    private static int Length(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt32LittleEndian(Part(ref rest, sizeof(int)));

    private static ReadOnlySpan<byte> Part(ref ReadOnlySpan<byte> rest, int length)
    {
        if (length < 0 || length > rest.Length)
        {
            throw new InvalidDataException($"A part has {length} bytes, and {rest.Length} are left.");
        }

        var part = rest[..length];
        rest = rest[length..];
        return part;
    }
}
