using System.Text.Json.Serialization;

namespace OrderFlow.Cli.Reporting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LoadSummary))]
internal sealed partial class LoadSummaryJson : JsonSerializerContext;
