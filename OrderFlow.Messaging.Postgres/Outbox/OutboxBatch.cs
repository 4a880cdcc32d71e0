using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// The events of a transaction as one row of the table <c>outbox_batches</c> holds them: a byte for the version, four for the length of the
/// rest (the lowest first), and that, compressed with Brotli: of each event its wire type, its <see cref="StoredContext"/> and its body,
/// each behind its length.
/// </summary>
internal static class OutboxBatch
{
    private const byte Version = 1;
    private const int Head = 1 + sizeof(int);
    private const int Longest = 256 * 1024 * 1024;
    private const int Quality = 1;
    private const int Window = 18;

    public static byte[] Write(List<EncodedEvent> events)
    {
        using var plain = new MemoryStream(events.Count * 1024);
        using (var writer = new BinaryWriter(plain, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var @event in events)
            {
                writer.Write(@event.WireType);
                var context = StoredContext.Write(@event);
                writer.Write7BitEncodedInt(context.Length);
                writer.Write(context);
                writer.Write7BitEncodedInt(@event.Body.Length);
                writer.Write(@event.Body.Span);
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
    /// <exception cref="JsonException">It is not what this version writes.</exception>
    public static List<EncodedEvent> Read(byte[] data, int count)
    {
        var length = data.Length < Head || data[0] != Version ? -1 : BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(1));
        if (length is < 0 or > Longest)
        {
            throw new JsonException("It does not begin as a batch of events does.");
        }

        try
        {
            var plain = new byte[length];
            if (!BrotliDecoder.TryDecompress(data.AsSpan(Head), plain, out var written) || written != length)
            {
                throw new InvalidDataException($"of {length} bytes there are {written}.");
            }

            using var reader = new BinaryReader(new MemoryStream(plain), Encoding.UTF8);
            var events = new List<EncodedEvent>();
            while (reader.BaseStream.Position < length)
            {
                var wireType = reader.ReadString();
                var context = Encoding.UTF8.GetString(Bytes(reader));
                events.Add(StoredContext.Restore(wireType, context, Bytes(reader)));
            }

            return events.Count == count ? events : throw new InvalidDataException($"of {count} events there are {events.Count}.");
        }
        catch (Exception exception) when (
            exception is InvalidDataException or EndOfStreamException or FormatException or InvalidOperationException)
        {
            throw new JsonException($"The batch of events is broken: {exception.Message}", exception);
        }
    }

    private static byte[] Bytes(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var bytes = length < 0 ? throw new InvalidDataException($"A part of {length} bytes.") : reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new EndOfStreamException($"Of {length} bytes there are {bytes.Length}.");
    }
}
