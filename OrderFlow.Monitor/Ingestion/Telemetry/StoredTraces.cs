using Google.Protobuf;
using Npgsql;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Of the traces that are about to be stored, those that are: what came late goes into a further row, and nothing is stored twice.
/// </summary>
internal sealed class StoredTraces
{
    private readonly Dictionary<string, Trace> _known = new(StringComparer.Ordinal);

    /// <summary>Looks for the traces in the hours around their begin; a part of one comes within an hour.</summary>
    public static async Task<StoredTraces> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<TraceRow> traces, CancellationToken cancellationToken)
    {
        DateTime[] around =
        [
            .. traces.SelectMany(trace => new[] { trace.StartedAt.AddHours(-1), trace.StartedAt, trace.StartedAt.AddHours(1) })
                .Select(at => at.Date.AddHours(at.Hour)).Distinct(),
        ];
        await using var command = new NpgsqlCommand(TelemetrySql.Known, connection)
        {
            Parameters =
            {
                Sql.Value(traces.Select(trace => trace.TraceId).ToArray()),
                Sql.Value(around.Select(at => (short)at.Hour).Distinct().ToArray()),
                Sql.Value(around.Select(DateOnly.FromDateTime).Distinct().ToArray()),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new StoredTraces();
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add(
                Convert.ToHexString(reader.GetFieldValue<byte[]>(0)), reader.GetBoolean(1), reader.GetFieldValue<DateOnly>(2),
                reader.GetInt16(3), reader.GetFieldValue<byte[]>(4));
        }

        return stored;
    }

    /// <returns><see langword="null"/> when nothing of it is stored.</returns>
    public Trace? Find(TraceRow trace) => _known.GetValueOrDefault(Convert.ToHexString(trace.TraceId));

    private void Add(string id, bool isPart, DateOnly day, short hour, byte[] data)
    {
        if (!_known.TryGetValue(id, out var trace))
        {
            trace = new Trace();
            _known.Add(id, trace);
        }

        if (!isPart)
        {
            (trace.Day, trace.Hour) = (day, hour);
        }

        trace.Data.Add(data);
    }

    /// <summary>A stored trace: the key of its first row, and the spans of all.</summary>
    internal sealed class Trace
    {
        public DateOnly Day { get; set; }

        public short Hour { get; set; }

        public List<byte[]> Data { get; } = [];

        /// <summary>What is new of a trace that came again, or later; <see langword="null"/> when nothing is.</summary>
        public TraceRow? WithoutKnown(TraceRow row)
        {
            var known = Data.SelectMany(data => Ids(StoredSpans.Unpack(data))).ToHashSet();
            var request = StoredSpans.Unpack(row.Data);
            if (!Ids(request).Any(known.Contains))
            {
                return row;
            }

            var senders = new Senders();
            var memory = new SpanMemory();
            var rest = new BufferedTrace(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(row.TraceId), now: 0);
            foreach (var resource in request.ResourceSpans)
            {
                foreach (var scope in resource.ScopeSpans)
                {
                    var sender = senders.Of(resource.Resource.ToByteArray(), scope.Scope.ToByteArray());
                    foreach (var span in scope.Spans.Where(span => !known.Contains(span.SpanId)))
                    {
                        rest.TryAdd(SliceOf(span, sender), memory);
                    }
                }
            }

            return rest.Spans.Count == 0 ? null : new TraceRowWriter().Write(rest, row.Weight);
        }

        private static SpanSlice SliceOf(Span span, Sender sender) => new(
            TraceId: default, System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(span.SpanId.Span), sender, span.ToByteArray(),
            Name: default, Kind: 0, OtlpReader.Time(span.StartTimeUnixNano).Ticks,
            OtlpReader.Duration(span.StartTimeUnixNano, span.EndTimeUnixNano), IsError: false, IsLinked: false);

        private static IEnumerable<ByteString> Ids(ExportTraceRequest request) =>
            request.ResourceSpans.SelectMany(resource => resource.ScopeSpans).SelectMany(scope => scope.Spans).Select(span => span.SpanId);
    }
}
