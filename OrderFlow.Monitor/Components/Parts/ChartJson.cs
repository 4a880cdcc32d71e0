using System.Text.Json.Serialization;
using OrderFlow.Monitor.Latency;

namespace OrderFlow.Monitor.Components.Parts;

/// <summary>The data of the charts, as <c>charts.js</c> reads it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LatencyChart))]
[JsonSerializable(typeof(StageBreakdown))]
internal sealed partial class ChartJson : JsonSerializerContext;
