using System.Text;

namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>
/// Where a flow's time went, from its origin to one moment; the header <c>stages</c> of the event that carries it.
/// The entries sum to the whole time exactly. Immutable.
/// </summary>
public sealed class FlowLedger
{
    private readonly byte[] _text;

    private FlowLedger(byte[] text, long totalMicros) => (_text, TotalMicros) = (text, totalMicros);

    /// <summary>The sum of the entries: from the origin to the moment, in microseconds.</summary>
    public long TotalMicros { get; }

    /// <summary>
    /// The entries, in the order in which their events were handled. A stage may come more than once, after a retry for example.
    /// </summary>
    public IReadOnlyList<LedgerEntry> Entries
    {
        get
        {
            var entries = new List<LedgerEntry>();
            LedgerText.TryRead(_text, out _, out _, entries);
            return entries;
        }
    }

    /// <summary>The ledger as the last event of the flow carries it.</summary>
    public OpenLedger End() => OpenLedger.Ended(_text.AsSpan().EndsWith(LedgerText.End) ? _text : [.. _text, .. LedgerText.End]);

    /// <summary>Reads a header; <see langword="null"/> for what is none of this version.</summary>
    public static FlowLedger? Read(ReadOnlySpan<byte> header) =>
        LedgerText.TryRead(header, out var micros, out _) ? new FlowLedger(header.ToArray(), micros) : null;

    /// <summary>Reads a header; <see langword="null"/> for what is none of this version.</summary>
    public static FlowLedger? Read(string? header) =>
        header is { Length: <= LedgerText.Longest } ? Read(Encoding.UTF8.GetBytes(header)) : null;

    /// <summary>A ledger of which nothing is known but the sum.</summary>
    /// <param name="micros">From the origin to the moment.</param>
    public static FlowLedger Unknown(long micros)
    {
        var writer = new LedgerWriter(stackalloc byte[LedgerText.Longest], default);
        writer.Add(default, StageNames.Unaccounted, micros);
        return new FlowLedger(writer.ToArray(ended: true), micros);
    }

    /// <summary>The header's text.</summary>
    public override string ToString() => Encoding.ASCII.GetString(_text);
}
