using Google.Protobuf;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>A log line as it is stored.</summary>
internal sealed record LogRow(
    DateTime At, byte[]? TraceId, byte[]? SpanId, string Service, string Category, short Severity, string? EventName, string Body,
    string? Attributes)
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int MostSevere = 24;

    /// <returns><see langword="null"/> when its body or attributes are no protobuf, which nobody has looked at before.</returns>
    public static LogRow? Of(LogSlice line)
    {
        try
        {
            var log = LogRecord.Parser.ParseFrom(line.Bytes.Span);
            return new LogRow(
                line.At,
                IdOf(log.TraceId, TraceIdBytes),
                IdOf(log.SpanId, SpanIdBytes),
                line.Sender.Service,
                line.Sender.ScopeName,
                (short)Math.Clamp(line.Severity, 0, MostSevere),
                log.EventName is { Length: > 0 } name ? Sender.NameOf(name) : null,
                AttributeJson.Text(log.Body),
                AttributeJson.Of(log.Attributes));
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static byte[]? IdOf(ByteString id, int length) =>
        id.Length == length && id.Span.ContainsAnyExcept((byte)0) ? id.ToByteArray() : null;
}
