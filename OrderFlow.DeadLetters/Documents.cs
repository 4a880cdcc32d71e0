using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Messaging.Replaying;

namespace OrderFlow.DeadLetters;

/// <summary>What the commands say, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DeadLetterListing))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(RampRun))]
[JsonSerializable(typeof(DiscardResult))]
internal sealed partial class Documents : JsonSerializerContext
{
    public static string Of(DeadLetterListing listing) => JsonSerializer.Serialize(listing, Default.DeadLetterListing);

    public static string Of(ReplayResult result) => JsonSerializer.Serialize(result, Default.ReplayResult);

    public static string Of(RampRun run) => JsonSerializer.Serialize(run, Default.RampRun);

    public static string Of(DiscardResult result) => JsonSerializer.Serialize(result, Default.DiscardResult);
}
