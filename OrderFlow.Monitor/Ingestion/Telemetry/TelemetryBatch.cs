using System.Buffers;
using System.Runtime.InteropServices;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>A span as it came, with what has to be known of it before it is decided whether its trace is kept.</summary>
/// <param name="TraceId">Its trace.</param>
/// <param name="SpanId">Its id in it.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Bytes">The span, as OTLP writes it.</param>
/// <param name="Name">Its name, in UTF-8.</param>
/// <param name="Kind">As OTLP has it: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.</param>
/// <param name="StartTicks">When it began, in ticks of <see cref="DateTime"/>.</param>
/// <param name="DurationNanos">How long it took.</param>
/// <param name="IsError">Whether it failed.</param>
/// <param name="IsLinked">Whether it continues another trace: a delayed retry, a replay.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpanSlice(
    UInt128 TraceId, ulong SpanId, Sender Sender, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Name, short Kind, long StartTicks,
    long DurationNanos, bool IsError, bool IsLinked);

/// <summary>A log line as it came.</summary>
/// <param name="TraceId">Its trace; 0 for none.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Bytes">The log record, as OTLP writes it.</param>
/// <param name="At">When it was written.</param>
/// <param name="Severity">OpenTelemetry's number.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LogSlice(UInt128 TraceId, Sender Sender, ReadOnlyMemory<byte> Bytes, DateTime At, int Severity);

/// <summary>What one request brought, and how much of it cannot be stored.</summary>
/// <param name="body">
/// The bytes that spans and log lines are in; lent by the pool of arrays, and given back by <see cref="Dispose"/>.
/// </param>
internal sealed class TelemetryBatch(byte[]? body) : IDisposable
{
    private byte[]? _body = body;

    public List<SpanSlice> Spans { get; } = [];

    public List<LogSlice> Logs { get; } = [];

    public int Rejected { get; set; }

    public int Count => Spans.Count + Logs.Count;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _body, null) is { } lent)
        {
            ArrayPool<byte>.Shared.Return(lent);
        }
    }
}
