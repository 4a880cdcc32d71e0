using System.Buffers.Binary;
using Google.Protobuf;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>Sums up a trace that is kept and packs its spans. Of one thread.</summary>
internal sealed class TraceRowWriter
{
    private const int StatusError = 2;

    /// <summary>Operations whose hashes are remembered.</summary>
    private const int MostOperations = 4096;

    private readonly Dictionary<(Sender Sender, string Name), (string Name, int Any, int OfService)> _operations = [];

    /// <returns><see langword="null"/> when none of its spans can be read.</returns>
    public TraceRow? Write(BufferedTrace trace, float weight)
    {
        var (services, operations) = (new SortedSet<string>(StringComparer.Ordinal), new HashSet<int>());
        var (links, readable) = (new List<byte[]>(), new List<BufferedSpan>(trace.Spans.Count));
        var (first, last, errors) = (default(Begin?), 0L, 0);
        foreach (var span in trace.Spans)
        {
            if (Read(span) is not { } read)
            {
                continue;
            }

            readable.Add(span);
            var operation = OperationOf(span.Sender, read.Name);
            services.Add(span.Sender.Service);
            operations.Add(operation.Any);
            operations.Add(operation.OfService);
            links.AddRange(read.Links.Select(link => link.TraceId.ToByteArray()));
            errors += read.Status?.Code == StatusError ? 1 : 0;
            // Whole microseconds of both, as the database and the critical path have them.
            var start = Whole(OtlpReader.Time(read.StartTimeUnixNano).Ticks);
            last = Math.Max(last, start + Whole(OtlpReader.Duration(read.StartTimeUnixNano, read.EndTimeUnixNano) / 100));
            var begin = new Begin(start, !read.ParentSpanId.IsEmpty, span.Sender.Service, operation.Name);
            if (first is not { } known || (begin.Start, begin.HasParent).CompareTo((known.Start, known.HasParent)) < 0)
            {
                first = begin;
            }
        }

        return first is not { } root ? null : new TraceRow(
            Id(trace.Id), Time(root.Start), Time(last), readable.Count, errors, [.. services], root.Service, root.Name, [.. operations],
            links.Count == 0 ? null : [.. links.DistinctBy(Convert.ToHexString)], weight, StoredSpans.Pack(readable));
    }

    private static byte[] Id(UInt128 id)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return bytes;
    }

    private static long Whole(long ticks) => ticks - (ticks % TimeSpan.TicksPerMicrosecond);

    private static DateTime Time(long ticks) => new(ticks, DateTimeKind.Utc);

    /// <returns><see langword="null"/> when its attributes are no protobuf, which nobody has looked at before.</returns>
    private static Span? Read(BufferedSpan span)
    {
        try
        {
            return Span.Parser.ParseFrom(span.Part.Bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private (string Name, int Any, int OfService) OperationOf(Sender sender, string name)
    {
        if (!_operations.TryGetValue((sender, name), out var operation))
        {
            if (_operations.Count >= MostOperations)
            {
                _operations.Clear();
            }

            var clean = Sender.NameOf(name);
            operation = (clean, OperationHash.Of(service: null, clean), OperationHash.Of(sender.Service, clean));
            _operations.Add((sender, name), operation);
        }

        return operation;
    }

    private readonly record struct Begin(long Start, bool HasParent, string Service, string Name);
}
