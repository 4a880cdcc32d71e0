using System.Text.Json.Serialization;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>The progress of a staged replay as the database holds it, which must not change with what the API answers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StagedReplayRun))]
internal sealed partial class StoredRunJson : JsonSerializerContext;
