using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>Batches as the reader of requests makes them, of spans of one service that began on the fifth of March 2026 at noon.</summary>
internal sealed class TelemetrySender
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly Sender _sender = new(
        new OrderFlow.Monitor.Ingestion.Telemetry.Otlp.Resource
        {
            Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "shop" } } },
        }.ToByteArray(),
        new Scope { Name = "OrderFlow.Tests" }.ToByteArray());

    /// <param name="trace">The number that is its id.</param>
    /// <param name="spans">Of each the id, the begin and the duration in milliseconds, and <c>error</c>, <c>link</c> or nothing.</param>
    public TelemetryBatch Spans(int trace, params (string Id, int Start, int Milliseconds, string What)[] spans)
    {
        var batch = new TelemetryBatch(body: null);
        foreach (var (id, start, milliseconds, what) in spans)
        {
            var started = Begin.AddMilliseconds(start);
            var span = TelemetryRequests.Span(
                $"{trace:x32}", id.PadLeft(16, '0'), started, milliseconds, error: what == "error");
            if (what == "link")
            {
                span.Links.Add(new Link { TraceId = ByteString.CopyFrom(new byte[16]) });
            }

            batch.Spans.Add(new SpanSlice(
                (UInt128)trace, Convert.ToUInt64(id, 16), _sender, span.ToByteArray(), Encoding.UTF8.GetBytes(span.Name), (short)span.Kind,
                started.UtcTicks, milliseconds * 1_000_000L, what == "error", what == "link"));
        }

        return batch;
    }

    /// <param name="lines">Of each the trace, 0 for none, and the severity.</param>
    public TelemetryBatch Lines(params (int Trace, int Severity)[] lines)
    {
        var batch = new TelemetryBatch(body: null);
        batch.Logs.AddRange(lines.Select(line => new LogSlice(
            (UInt128)line.Trace, _sender, new LogRecord { SeverityNumber = line.Severity }.ToByteArray(), Begin.UtcDateTime,
            line.Severity)));
        return batch;
    }

    /// <summary>The number of a stored trace.</summary>
    public static int NumberOf(TraceRow row) => (int)BinaryPrimitives.ReadUInt128BigEndian(row.TraceId);
}
