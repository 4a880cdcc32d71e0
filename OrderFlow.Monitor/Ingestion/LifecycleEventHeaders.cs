using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Headers as values; what is missing or of another kind is absent.</summary>
internal readonly struct LifecycleEventHeaders(IReadOnlyDictionary<string, object?> headers)
{
    /// <summary>Bytes of UTF-8.</summary>
    private const int LongestText = 1024;

    private readonly IReadOnlyDictionary<string, object?> _headers = headers;

    public string? Text(string name) => _headers.GetValueOrDefault(name) is byte[] bytes
        ? HeaderJson.Clean(TextCut.FromBytes(bytes, LongestText))
        : null;

    public Guid? Id(string name) => Guid.TryParse(Text(name), out var id) ? id : null;

    public long? Integer(string name) => _headers.GetValueOrDefault(name) switch
    {
        long number => number,
        int number => number,
        _ => null,
    };

    public int? Number(string name) => Integer(name) is { } number and >= 0 and <= int.MaxValue ? (int)number : null;
}
