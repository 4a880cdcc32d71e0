using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>What services send their telemetry with. It opens nothing else, so that no service could read what others sent.</summary>
internal sealed class IngestKey(IOptions<MonitorOptions> options)
{
    private readonly byte[]? _key = options.Value.IngestKey is { Length: > 0 } key ? Digest(key) : null;

    /// <summary>Why a request is not taken, or <see langword="null"/>.</summary>
    public string? WhyNot(HttpRequest request) =>
        _key is null ? "The Monitor takes no telemetry: set Monitor:IngestKey to what the services send."
        : AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var given)
            && given.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(_key, Digest(given.Parameter ?? "")) ? null
        : "This needs the ingest key: send 'Authorization: Bearer <Monitor:IngestKey>', for example by "
            + "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<key>.";

    /// <summary>Of equal length whatever was given, so that the comparison takes the same time.</summary>
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
