using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// What each process of a service tells: that it is there, every ten seconds, and how long events wait for it, four times a second while
/// they wait for more than a tenth of a second. Nobody needs to listen.
/// </summary>
/// <param name="Service">The service.</param>
/// <param name="Instance">The process, as <c>service.instance.id</c> of OpenTelemetry names it.</param>
/// <param name="WindowMs">The time that <paramref name="Handled"/> is of, in milliseconds.</param>
/// <param name="Handled">What it has begun to handle within this time.</param>
public sealed record ServiceHeartbeat(string Service, string Instance, double WindowMs, IReadOnlyList<HandledEvents> Handled)
{
    /// <summary>The topic exchange of heartbeats; the routing key is the service.</summary>
    public const string Exchange = "service.heartbeats";

    private const int LongestName = 255;
    private const double LongestMs = 24 * 60 * 60 * 1000;
    private const long Most = 1_000_000_000;

    /// <summary>The message's <c>type</c>.</summary>
    public const string MessageType = "service.heartbeat";

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, HeartbeatJson.Default.ServiceHeartbeat);

    /// <summary>
    /// Reads the body of a message; <see langword="null"/> when it is no heartbeat, or says what cannot be: whoever hears it may calculate
    /// with it.
    /// </summary>
    public static ServiceHeartbeat? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, HeartbeatJson.Default.ServiceHeartbeat) is { IsPlausible: true } read ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsPlausible =>
        Service.Length is > 0 and <= LongestName && Instance.Length is > 0 and <= LongestName && WindowMs is >= 0 and <= LongestMs
        && Handled.All(one => one is
        {
            EventType.Length: > 0 and <= LongestName,
            Count: >= 0 and <= Most,
            MeanWaitMs: >= 0 and <= LongestMs,
        });
}

/// <summary>Events of one type that a process has begun to handle.</summary>
/// <param name="EventType">Their wire type.</param>
/// <param name="Count">How many. Neither retries nor replays are among them.</param>
/// <param name="MeanWaitMs">From their publication until their handler began, in milliseconds.</param>
public sealed record HandledEvents(string EventType, long Count, double MeanWaitMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ServiceHeartbeat))]
internal sealed partial class HeartbeatJson : JsonSerializerContext;
