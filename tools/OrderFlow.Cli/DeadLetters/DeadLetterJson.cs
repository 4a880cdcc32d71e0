using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>The results of the commands as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DeadLetterListing))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(StagedReplayRun))]
[JsonSerializable(typeof(DiscardResult))]
internal sealed partial class DeadLetterJson : JsonSerializerContext
{
    public static string Of(DeadLetterListing listing) => JsonSerializer.Serialize(listing, Default.DeadLetterListing);

    public static string Of(ReplayResult result) => JsonSerializer.Serialize(result, Default.ReplayResult);

    public static string Of(StagedReplayRun run) => JsonSerializer.Serialize(run, Default.StagedReplayRun);

    public static string Of(DiscardResult result) => JsonSerializer.Serialize(result, Default.DiscardResult);
}
