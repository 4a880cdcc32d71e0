using System.Collections.Frozen;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// Names of headers that packed messages write as a number: the place in the list, from 1. The list is part of the format, so it only grows
/// at its end.
/// </summary>
internal static class PackedNames
{
    private static readonly string[] All =
    [
        HeaderNames.OriginTimestamp, HeaderNames.PublishedAt, HeaderNames.EventVersion, HeaderNames.Flow, HeaderNames.Attempt,
        HeaderNames.Stages, HeaderNames.CausationId, HeaderNames.AggregateId, HeaderNames.TenantId, HeaderNames.UserId,
        HeaderNames.FlowAttempt, HeaderNames.Replayed, HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage,
    ];

    private static readonly FrozenDictionary<string, byte> Numbers =
        All.Select((name, index) => (name, Number: (byte)(index + 1))).ToFrozenDictionary(
            one => one.name, one => one.Number, StringComparer.Ordinal);

    /// <summary>The number of a name; 0 for one that is not in the list.</summary>
    public static byte NumberOf(string name) => Numbers.GetValueOrDefault(name);

    /// <summary>The name that has a number.</summary>
    /// <exception cref="InvalidDataException">None has.</exception>
    public static string NameOf(byte number) => number <= All.Length
        ? All[number - 1]
        : throw new InvalidDataException($"A packed header has the name {number}, which is unknown.");
}
