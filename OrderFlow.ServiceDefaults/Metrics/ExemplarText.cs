using OpenTelemetry.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>An exemplar behind a sample: <c> # {trace_id="…",span_id="…"} 0.67 1520879607.789</c>, 63 characters of labels of the 128 allowed.</summary>
internal static class ExemplarText
{
    public static void Write(ScrapeBuffer buffer, ref readonly Exemplar exemplar, bool isLong)
    {
        buffer.Write(" # {trace_id=\""u8);
        Span<byte> id = stackalloc byte[16];
        exemplar.TraceId.CopyTo(id);
        WriteHex(buffer, id);
        buffer.Write("\",span_id=\""u8);
        exemplar.SpanId.CopyTo(id[..8]);
        WriteHex(buffer, id[..8]);
        buffer.Write("\"} "u8);
        if (isLong)
        {
            buffer.Write(exemplar.LongValue);
        }
        else
        {
            buffer.Write(exemplar.DoubleValue);
        }

        buffer.Write((byte)' ');
        buffer.WriteSeconds(exemplar.Timestamp);
    }

    /// <summary>Writes the newest exemplar of a counter that belongs to a trace.</summary>
    public static void WriteNewest(ScrapeBuffer buffer, ref readonly MetricPoint point, bool isLong)
    {
        if (!point.TryGetExemplars(out var exemplars))
        {
            return;
        }

        var newest = default(Exemplar);
        foreach (ref readonly var exemplar in exemplars)
        {
            if (HasTrace(in exemplar) && exemplar.Timestamp >= newest.Timestamp)
            {
                newest = exemplar;
            }
        }

        if (HasTrace(in newest))
        {
            Write(buffer, in newest, isLong);
        }
    }

    public static bool HasTrace(ref readonly Exemplar exemplar) => exemplar.TraceId != default && exemplar.SpanId != default;

    private static void WriteHex(ScrapeBuffer buffer, ReadOnlySpan<byte> id)
    {
        Span<byte> hex = stackalloc byte[32];
        Convert.TryToHexStringLower(id, hex, out var written);
        buffer.Write(hex[..written]);
    }
}
