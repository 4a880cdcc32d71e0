using System.Collections.Concurrent;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>The senders that are known: every request of a process begins with the same bytes, which are read once.</summary>
internal sealed class Senders
{
    /// <summary>Senders that are remembered; those of a few hundred processes.</summary>
    private const int Most = 4096;

    private readonly ConcurrentDictionary<int, Sender> _known = new();

    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">The bytes are no resource and scope.</exception>
    public Sender Of(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope)
    {
        var hash = new HashCode();
        hash.AddBytes(resource);
        hash.AddBytes(scope);
        var key = hash.ToHashCode();
        if (_known.TryGetValue(key, out var known) && known.Is(resource, scope))
        {
            return known;
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        var sender = new Sender(resource, scope);
        _known[key] = sender;
        return sender;
    }
}
