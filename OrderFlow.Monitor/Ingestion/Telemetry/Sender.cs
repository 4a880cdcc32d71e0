using OrderFlow.Messaging.Envelope;
using OrderFlow.Monitor.Ingestion.Telemetry.Otlp;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>Who sent spans or log lines: a process of a service, and the part of it that made them.</summary>
internal sealed class Sender
{
    /// <summary>UTF-16 units of a name.</summary>
    private const int LongestName = 256;

    /// <param name="resource">The resource as it came.</param>
    /// <param name="scope">The instrumentation scope as it came.</param>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">The bytes are no such messages.</exception>
    public Sender(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope)
    {
        (Resource, Scope) = (resource.ToArray(), scope.ToArray());
        (Service, Instance) = NamesOf(Otlp.Resource.Parser.ParseFrom(resource));
        ScopeName = AttributeJson.Clean(Otlp.Scope.Parser.ParseFrom(scope).Name);
    }

    public byte[] Resource { get; }

    public byte[] Scope { get; }

    public string Service { get; }

    public string? Instance { get; }

    public string ScopeName { get; }

    /// <summary>The service, and which process of it.</summary>
    public static (string Service, string? Instance) NamesOf(Resource? resource)
    {
        return (Find("service.name") ?? "unknown_service", Find("service.instance.id"));

        string? Find(string key) =>
            resource?.Attributes.FirstOrDefault(attribute => attribute.Key == key) is { Value.StringValue: { Length: > 0 } value }
                ? NameOf(value)
                : null;
    }

    /// <summary>A name as it is stored and shown.</summary>
    public static string NameOf(string text) => TextCut.ToUnits(AttributeJson.Clean(text), LongestName);

    public bool Is(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope) =>
        resource.SequenceEqual(Resource) && scope.SequenceEqual(Scope);
}
