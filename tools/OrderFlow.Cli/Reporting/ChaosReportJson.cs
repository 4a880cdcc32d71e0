using System.Text.Json.Serialization;

namespace OrderFlow.Cli.Reporting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ChaosReport))]
internal sealed partial class ChaosReportJson : JsonSerializerContext;
